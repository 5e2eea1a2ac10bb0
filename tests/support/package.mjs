/** The built package, and bundles that contain it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const TESTS = fileURLToPath(new URL("../", import.meta.url));

/** The folder of the built package: `CCA_PKG`, or `pkg/`. Throws if it does not exist. */
export function packageFolder() {
  const folder = process.env.CCA_PKG ?? fileURLToPath(new URL("../../pkg", import.meta.url));
  if (!existsSync(join(folder, "core.js"))) {
    throw new Error(
      `No package in ${folder}. Run "cargo xtask build", or set CCA_PKG to its path.`,
    );
  }
  return folder;
}

/**
 * Bundles modules (JavaScript, TypeScript, JSX) that import "cometchat-auth" by name. Lazy imports
 * become chunks.
 *
 * @param {Record<string, string>} modules name → source
 * @param {Record<string, string>} [alias] package → its replacement
 * @param {{splitting?: boolean}} [options] `splitting: false`: one file
 * @returns {Promise<Map<string, string>>} path, such as `/name.js` or `/chunk-….js` → JavaScript
 */
export async function bundle(modules, alias = {}, { splitting = true } = {}) {
  const { outputFiles } = await build({
    entryPoints: Object.keys(modules).map((name) => ({ in: `source:${name}`, out: name })),
    bundle: true,
    splitting,
    format: "esm",
    target: "es2022",
    outdir: "/",
    write: false,
    logLevel: "error",
    absWorkingDir: TESTS,
    jsx: "automatic",
    alias: { "cometchat-auth": packageFolder(), ...alias },
    plugins: [
      {
        name: "source",
        setup(hooks) {
          hooks.onResolve({ filter: /^source:/ }, ({ path }) => ({
            path: path.slice("source:".length),
            namespace: "source",
          }));
          hooks.onLoad({ filter: /.*/, namespace: "source" }, ({ path }) => ({
            contents: modules[path],
            loader: "tsx",
            resolveDir: TESTS,
          }));
        },
      },
    ],
  });
  return new Map(
    outputFiles.map(({ path, text }) => [
      path.replaceAll("\\", "/").replace(/^[A-Za-z]:/, ""),
      text,
    ]),
  );
}
