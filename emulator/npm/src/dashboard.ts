/** The files of the dashboard. */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { CoreResponse } from "./core.js";

const FOLDER = new URL("../dashboard/", import.meta.url);

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

/**
 * A file of the dashboard.
 * @param path Its path below `/dashboard/`; empty for the page itself.
 * @returns The response; `undefined` if there is no such file.
 */
export async function dashboardFile(path: string): Promise<CoreResponse | undefined> {
  const name = path === "" ? "index.html" : path;
  const type = TYPES[extname(name)];
  // Only plain names of files and folders, so that no path leads out of the folder.
  if (type === undefined || !/^[\w-]+(\/[\w-]+)*(\.[\w-]+)+$/.test(name)) return undefined;
  let bytes: Buffer;
  try {
    bytes = await readFile(new URL(name, FOLDER));
  } catch {
    return undefined;
  }
  const cache = path === "" ? "no-store" : "max-age=31536000, immutable";
  return {
    status: 200,
    headers: [
      ["content-type", type],
      ["content-security-policy", POLICY],
      ["x-content-type-options", "nosniff"],
      ["referrer-policy", "no-referrer"],
      ["cache-control", cache],
    ],
    steps: [{ base64: bytes.toString("base64") }],
    length: null,
  };
}
