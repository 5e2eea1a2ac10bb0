/** The source of `stream.js`: the glue for a WebAssembly that arrives as a response. */
import { type Load, loader } from "./instance.js";

/** Loads the module of a response, compiled while it arrives. */
export const streaming = (response: Promise<Response>): Load =>
  loader(async () => compile(await response));

async function compile(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`${response.url}: HTTP status ${response.status}`);
  // Without the right MIME type it cannot be compiled while it arrives.
  const typed =
    response.headers.get("Content-Type")?.split(";")[0]?.trim().toLowerCase() ===
    "application/wasm";
  return typed
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
