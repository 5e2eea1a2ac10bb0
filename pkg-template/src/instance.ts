/** Instances of the core: a compiled module and the glue that wasm-bindgen generated for it. */
import { holder, type Glue } from "./glue-holder.js";

/** The functions that Rust exports. They call into the current instance. */
export type Core = Pick<Glue, "ask" | "call" | "start">;

/**
 * Loads the core. The binary is fetched and compiled once; after a failure the next call tries
 * again.
 *
 * @param again - Replaces the instance by a new one of the same module, because the memory of the
 *   old one may be half written after a trap. Its callbacks do nothing from then on, and its
 *   promises stay pending: the caller settles them.
 */
export type Load = (again: boolean) => Promise<Core>;

/** A loader for the module that `compile` compiles. */
export function loader(compile: () => WebAssembly.Module | Promise<WebAssembly.Module>): Load {
  let loaded: Promise<WebAssembly.Module> | undefined;
  const first = async (): Promise<WebAssembly.Module> => {
    // The bundler puts it into this file. It is evaluated here, not when the package is imported
    // (rule B28).
    await import("./glue.js");
    const module = await compile();
    await instantiate(module);
    return module;
  };
  return async (again) => {
    loaded ??= first().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    const module = await loaded;
    if (again) {
      try {
        // Makes a new instance. The callbacks of the old one do nothing from then on.
        holder.glue.reset();
      } catch {
        // It compiles synchronously, which browsers before 2023 refuse on the main thread.
        await instantiate(module);
      }
    }
    return holder.glue;
  };
}

async function instantiate(module: WebAssembly.Module): Promise<void> {
  const { glue } = holder;
  const instance = await WebAssembly.instantiate(module, glue.imports());
  glue.setInstance(instance, module);
}
