/** Instances of the Rust part: a compiled module and the glue that wasm-bindgen generated for it. */
import { holder, type Glue } from "./glue-holder.js";

/** The functions that Rust exports. They call into the current instance. */
export type Core = Pick<Glue, "ask" | "call" | "start">;

/**
 * Loads the Rust part. The binary is fetched and compiled once. After a failure the next call tries again.
 *
 * @param again replaces the instance by a new one of the same module, because it trapped (a panic in Rust, memory exhausted) and its
 *   memory may be half written. Callbacks of the old instance then do nothing. Its pending promises stay pending: the caller settles them.
 */
export type Load = (again: boolean) => Promise<Core>;

/** A loader for the module that `compile` compiles. */
export function loader(compile: () => WebAssembly.Module | Promise<WebAssembly.Module>): Load {
  let loaded: Promise<[Glue, WebAssembly.Module]> | undefined;
  const first = async (): Promise<[Glue, WebAssembly.Module]> => {
    // Inlined by the bundler, and evaluated here: importing the package runs nothing (rule B28).
    await import("./glue.js");
    const { glue } = holder;
    if (!glue) throw new Error("The glue of the WebAssembly is missing.");
    const module = await compile();
    await instantiate(glue, module);
    return [glue, module];
  };
  return async (again) => {
    loaded ??= first().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    const [glue, module] = await loaded;
    if (again) {
      try {
        // Makes the callbacks of the old instance inert, and a new instance.
        glue.__wbg_reset_state();
      } catch {
        // It does so synchronously, which browsers before 2023 refuse on the main thread.
        await instantiate(glue, module);
      }
    }
    return glue;
  };
}

async function instantiate(glue: Glue, module: WebAssembly.Module): Promise<void> {
  const instance = await WebAssembly.instantiate(module, glue.__wbg_get_imports());
  glue.__wbg_finalize_init(instance, module);
}
