/** Reads the code blocks of the documents and the test instructions in the comments before them. */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NOT_OURS = new Set(["node_modules", "target", "pkg", "dist", ".git", "test-results"]);

/** Paths of all Markdown files of the checkout. */
export function documents(folder = ROOT) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : documents(path);
      return entry.name.endsWith(".md") ? [relative(ROOT, path).split(sep).join("/")] : [];
    })
    .sort();
}

/**
 * A fenced block. `line` is that of its first line of code in the file, from 1.
 *
 * @typedef {{
 *   file: string,
 *   line: number,
 *   language: string,
 *   code: string,
 *   given: string[],
 *   then: string[],
 *   continues: boolean,
 *   served: string[],
 * }} Block
 * HTML comments before a block, which readers do not see, are instructions. `<!-- given: … -->` is
 * code before the block, `<!-- then: … -->` code after it. `<!-- continues -->` joins it to the
 * previous block. `<!-- served: … -->` names an additional check.
 */

/** @returns {Block[]} */
export function blocksIn(file) {
  return parse(file, readFileSync(join(ROOT, file), "utf8"));
}

/** @returns {Block[]} */
export function parse(file, text) {
  const lines = text.split(/\r?\n/);
  const blocks = [];
  let words = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (line.startsWith("<!--")) {
      let comment = line;
      while (!comment.includes("-->")) {
        if (++at >= lines.length) throw new Error(`${file}: a comment does not end`);
        comment += `\n${lines[at]}`;
      }
      words.push(comment.slice("<!--".length, comment.indexOf("-->")).trim());
      continue;
    }
    const fence = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)/.exec(line);
    if (!fence) {
      if (line.trim() !== "") words = [];
      continue;
    }
    const [, indent, marks, language] = fence;
    const start = at + 1;
    do {
      if (++at >= lines.length) throw new Error(`${file}:${start}: the block does not end`);
    } while (lines[at].trim() !== marks);
    const code = lines
      .slice(start, at)
      .map((text) => (text.startsWith(indent) ? text.slice(indent.length) : text))
      .join("\n");
    const said = (word) =>
      words
        .filter((text) => text.startsWith(`${word}:`))
        .map((text) => text.slice(word.length + 1).trim());
    blocks.push({
      file,
      line: start + 1,
      language,
      code,
      given: said("given"),
      then: said("then"),
      continues: words.includes("continues"),
      served: said("served"),
    });
    words = [];
  }
  return blocks;
}
