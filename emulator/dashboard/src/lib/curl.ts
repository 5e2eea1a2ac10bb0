/** A journal entry as a curl command. */
import type { JournalEntry } from "../api/types.ts";

/** What curl sets by itself, or what only concerns the connection. */
const LEFT_OUT = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
]);

/** The variable that stands for a masked header. */
const VARIABLES: Readonly<Record<string, string>> = {
  apikey: "COMETCHAT_API_KEY",
  authtoken: "COMETCHAT_AUTH_TOKEN",
};

const MARK = /^\*\*\*( [0-9a-f]+)?$/;

/**
 * Writes the request as a command for a POSIX shell. The journal has no secrets, so each becomes a shell variable, and the
 * first lines say which to set.
 *
 * @param origin the emulator's address, without a slash at the end
 */
export function curlOf(entry: JournalEntry, origin: string): string {
  const variables = new Set<string>();
  const variable = (name: string): string => {
    variables.add(name);
    return `$${name}`;
  };
  const lines = [`curl -X ${entry.method} ${quote(origin + addressOf(entry, variable))}`];
  for (const [name, value] of Object.entries(entry.headers)) {
    const text = String(value);
    if (LEFT_OUT.has(name.toLowerCase()) || name.toLowerCase().startsWith("sec-")) {
      continue;
    }
    const shown = MARK.test(text) ? variable(variableFor(name)) : undefined;
    lines.push(`-H ${shown === undefined ? quote(`${name}: ${text}`) : `"${name}: ${shown}"`}`);
  }
  if (entry.body !== null) {
    lines.push(`--data ${quoteBody(entry.body, variable)}`);
  }
  const command = lines.join(" \\\n  ");
  if (variables.size === 0) {
    return command;
  }
  const notes = [...variables].map((name) => `: "\${${name}:?set it first: the journal masks it}"`);
  return [...notes, command].join("\n");
}

/** Path and query; the app in the host name becomes the header that the emulator reads instead. */
function addressOf(entry: JournalEntry, variable: (name: string) => string): string {
  const query = Object.entries(entry.query)
    .map(([name, value]) => {
      const text = String(value);
      const shown = MARK.test(text) ? variable(variableFor(name)) : encodeURIComponent(text);
      return `${encodeURIComponent(name)}=${shown}`;
    })
    .join("&");
  return query === "" ? entry.path : `${entry.path}?${query}`;
}

function variableFor(name: string): string {
  const known = VARIABLES[name.toLowerCase()];
  return known ?? name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
}

/** A word for the shell: in single quotes, unless it has a variable in it. */
function quote(text: string): string {
  if (/\$[A-Z]/.test(text)) {
    return `"${text.replace(/[\\"`]/g, "\\$&")}"`;
  }
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function quoteBody(body: unknown, variable: (name: string) => string): string {
  const masked: string[] = [];
  const text = JSON.stringify(body, (key, value: unknown) => {
    if (typeof value === "string" && MARK.test(value)) {
      masked.push(variable(variableFor(key)));
      return `\u0000${masked.length - 1}\u0000`;
    }
    return value;
  });
  const quoted = `'${text.replaceAll("'", "'\\''")}'`;
  return quoted.replace(/\\u0000(\d+)\\u0000/g, (_, index: string) => {
    return `'"${masked[Number(index)]}"'`;
  });
}
