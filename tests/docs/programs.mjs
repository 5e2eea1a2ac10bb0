/** Joins code blocks into modules, for the type checker and for the browser. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFolder } from "../support/package.mjs";
import { run } from "../support/packed.mjs";

const HERE = fileURLToPath(new URL("./", import.meta.url));
/** Below tests/, so that the peers (React, the official SDK) are found. */
const SCRATCH = join(HERE, "node_modules", ".blocks");
export const LANGUAGES = ["js", "jsx", "ts", "tsx", "diff"];

/** The new or the old side of a diff. */
const side = (code, taken) =>
  code
    .split("\n")
    .map((line) => (line.startsWith(taken === "+" ? "-" : "+") ? "" : line.slice(1)))
    .join("\n");

/**
 * Joins blocks marked `continues` with the block before them.
 *
 * @param {import("./markdown.mjs").Block[]} blocks
 */
export function programsOf(blocks) {
  const programs = [];
  for (const block of blocks.filter(({ language }) => LANGUAGES.includes(language))) {
    const last = programs.at(-1);
    if (block.continues) {
      if (last?.file !== block.file)
        throw new Error(`${block.file}:${block.line} continues nothing`);
      last.blocks.push(block);
    } else programs.push({ file: block.file, line: block.line, blocks: [block] });
  }
  return programs.map(({ file, line, blocks }) => {
    const typed = blocks.some(({ language }) => ["ts", "tsx"].includes(language));
    const given = blocks.flatMap((block) => block.given);
    const text = (block, taken) =>
      block.language === "diff" ? side(block.code, taken) : block.code;
    const imports = [...blocks.map((block) => text(block, "+")), ...given]
      .join("\n")
      .matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
    const needs = new Set([...imports].map(([, name]) => name));
    return {
      file,
      line,
      blocks,
      typed,
      name: `${file.replaceAll(/[^\w.-]/g, "_")}.${line}`,
      /** True if the program has no declarations without a definition, so that it can run. */
      whole:
        blocks.every(({ language }) => language !== "diff") &&
        !given.some((text) => /\bdeclare (?!global\b)/.test(text)),
      place: [...needs].some((name) => name.startsWith("node:")) ? "node" : "browser",
      /** The source with the line numbers of the document, so that errors can be found there. */
      source(taken = "+") {
        const lines = [given.map((text) => text.replaceAll("\n", " ")).join(" ")];
        for (const block of blocks) {
          while (lines.length < block.line - 1) lines.push("");
          lines.push(text(block, taken));
          lines.splice(0, lines.length, ...lines.join("\n").split("\n"));
          for (const behind of block.then)
            lines[lines.length - 1] += ` ${behind.replaceAll("\n", " ")}`;
        }
        return `${lines.join("\n")}\nexport {};\n`;
      },
    };
  });
}

/** Declarations for the code in comments. */
const GLOBALS = [
  // Without `asserts condition`: a narrowed property would stay narrow after a call changes it.
  "declare function assert(condition: unknown, message?: string): void;",
  "declare const logged: string[];",
  "",
].join("\n");

/**
 * Runs `tsc --strict` with the shipped types. JavaScript is checked as TypeScript, with untyped
 * parameters allowed.
 *
 * @returns {Promise<string>} the compiler's errors by document and line; empty if there are none
 */
export async function typecheck(programs) {
  const folder = SCRATCH;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(packageFolder(), join(folder, "node_modules", "cometchat-auth"), "junction");
  writeFileSync(join(folder, "globals.d.ts"), GLOBALS);
  let said = "";
  for (const typed of [false, true]) {
    const files = programs
      .filter((program) => program.typed === typed)
      .map((program) => {
        const file = `${program.name}.tsx`;
        writeFileSync(join(folder, file), program.source());
        return file;
      });
    if (files.length === 0) continue;
    const config = join(folder, `${typed ? "ts" : "js"}.json`);
    const compilerOptions = {
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      module: "esnext",
      moduleResolution: "bundler",
      types: ["node"],
      typeRoots: [join(HERE, "node_modules/@types")],
      jsx: "react-jsx",
      strict: true,
      noImplicitAny: typed,
      noEmit: true,
      skipLibCheck: true,
      preserveSymlinks: true,
    };
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [...files, "globals.d.ts"] }));
    const tsc = join(HERE, "node_modules/typescript/bin/tsc");
    await run(process.execPath, [tsc, "--project", config], { cwd: folder }).catch(
      (error) => (said += error.message.split("\n").slice(1).join("\n")),
    );
  }
  return said;
}
