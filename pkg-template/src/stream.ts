/** The source of `stream.js`: the glue for a WebAssembly that arrives as a response. */
import { type Load, loader } from "./instance.js";

/** Compiles the module of a response while it arrives, and returns a loader for it. */
export async function streaming(response: Promise<Response>): Promise<Load> {
  const module = await compile(await response);
  return loader(() => module);
}

async function compile(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`${response.url}: HTTP status ${response.status}`);
  // Browsers compile a response while it arrives only if it has the right MIME type.
  const typed =
    response.headers.get("Content-Type")?.split(";")[0]?.trim().toLowerCase() ===
    "application/wasm";
  return typed
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
