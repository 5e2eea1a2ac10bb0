/** The domains of the service, read from the package's source (rule B16). */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));

/** The declaration of the constant, with the literals of the macros that it uses. */
function declaration() {
  const files = readdirSync(SOURCES, { recursive: true }).filter((name) => name.endsWith(".rs"));
  const sources = files.map((name) => readFileSync(join(SOURCES, name), "utf8"));
  const found = sources.flatMap((source) => {
    const [text] = /\bconst SERVICE_DOMAINS\b[^=]*=[^;]*;/.exec(source) ?? [];
    return text === undefined ? [] : [{ source, text }];
  });
  if (found.length !== 1) {
    throw new Error(`src/ declares SERVICE_DOMAINS ${found.length} times instead of once`);
  }
  const [{ source, text }] = found;
  return text.replaceAll(
    /\b(\w+)!\(\)/g,
    (_, name) => new RegExp(`macro_rules! ${name} \\{[^}]*?("[^"]*")`).exec(source)?.[1] ?? "",
  );
}

/** @type {readonly string[]} without a dot in front, such as `cometchat.io` */
export const SERVICE_DOMAINS = declaration()
  .match(/"[^"]*"/g)
  .flatMap((literal) => literal.match(/[\w-]+(\.[\w-]+)+/g) ?? []);
