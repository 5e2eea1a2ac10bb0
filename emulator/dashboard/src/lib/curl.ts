/** A journal entry as a curl command. */
import type { JournalEntry } from "../api/types.ts";

/** Headers that curl sets by itself, or that only concern the connection. */
const LEFT_OUT = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
]);

/** The shell variables that stand for the usual secrets. */
const VARIABLES: Readonly<Record<string, string>> = {
  apikey: "COMETCHAT_API_KEY",
  authtoken: "COMETCHAT_AUTH_TOKEN",
};

/** The text of the journal in place of a secret. */
const MARK = /^\*\*\*( [0-9a-f]+)?$/;

/** The text of the journal in place of a body that it does not keep. */
const NOT_KEPT = /^\(.*\)$/;

/** A piece of a shell word: a literal text, or a variable. */
type Piece = string | { readonly variable: string };

/**
 * Writes the request as a command for a POSIX shell. The journal has no secrets, so each becomes a
 * shell variable, and the first lines say which to set. Everything else is quoted, so that no text
 * of a client is read as shell syntax.
 *
 * @param origin the emulator's address, without a slash at the end
 */
export function curlOf(entry: JournalEntry, origin: string): string {
  const variables = new Set<string>();
  const word = (pieces: readonly Piece[]): string =>
    pieces
      .map((piece) => {
        if (typeof piece === "string") {
          return piece === "" ? "" : `'${piece.replaceAll("'", "'\\''")}'`;
        }
        variables.add(piece.variable);
        return `"$${piece.variable}"`;
      })
      .join("");
  const lines = [`curl -X ${word([entry.method])} ${word([origin, ...addressOf(entry)])}`];
  const named = Object.entries(entry.headers).map(
    ([name, value]) => [name, String(value)] as const,
  );
  for (const [name, value] of named) {
    if (!LEFT_OUT.has(name.toLowerCase()) && !name.toLowerCase().startsWith("sec-")) {
      lines.push(`-H ${word([`${name}: `, pieceOf(name, value)])}`);
    }
  }
  // The app may have been named by the host.
  if (entry.app !== null && !named.some(([name]) => name.toLowerCase() === "appid")) {
    lines.push(`-H ${word([`appId: ${entry.app}`])}`);
  }
  const notes: string[] = [];
  if (typeof entry.body === "string" && NOT_KEPT.test(entry.body)) {
    notes.push(`# The journal does not keep the body: ${entry.body}`);
  } else if (entry.body !== null) {
    lines.push(`--data ${word(bodyOf(entry.body))}`);
  }
  for (const name of variables) {
    notes.push(`: "\${${name}:?Set it first. The journal masks it.}"`);
  }
  return [...notes, lines.join(" \\\n  ")].join("\n");
}

function pieceOf(name: string, value: string): Piece {
  return MARK.test(value) ? { variable: variableFor(name) } : value;
}

function variableFor(name: string): string {
  return VARIABLES[name.toLowerCase()] ?? name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
}

function addressOf(entry: JournalEntry): Piece[] {
  const pieces: Piece[] = [entry.path];
  let separator = "?";
  for (const [name, value] of Object.entries(entry.query)) {
    const piece = pieceOf(name, String(value));
    pieces.push(`${separator}${encodeURIComponent(name)}=`);
    pieces.push(typeof piece === "string" ? encodeURIComponent(piece) : piece);
    separator = "&";
  }
  return pieces;
}

/** The JSON text, cut where a secret belongs. */
function bodyOf(body: unknown): Piece[] {
  const plain = JSON.stringify(body);
  let stand = "@secret";
  while (plain.includes(stand)) {
    stand += "@";
  }
  const names: string[] = [];
  const text = JSON.stringify(body, (key, value: unknown) => {
    if (typeof value === "string" && MARK.test(value)) {
      names.push(key);
      return stand;
    }
    return value;
  });
  return text
    .split(stand)
    .flatMap((part, at): Piece[] =>
      at === 0 ? [part] : [{ variable: variableFor(names[at - 1] ?? "") }, part],
    );
}
