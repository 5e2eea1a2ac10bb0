/** What `wasm-text-reader` exports. */
interface Reader {
  memory: WebAssembly.Memory;
  /**
   * Takes the address of the text, its length in bytes and that of each buffer behind it. Returns
   * the length of the module in bytes, or 0 if the text was changed.
   */
  decode(start: number, length: number, room: number, checksum: number): number;
}

/** Bytes in a page of WebAssembly memory. */
const PAGE = 65_536;

/** What the module of the Rust crate's `Encoded::javascript` exports. */
export interface Encoded {
  text: string;
  checksum: number;
  /** The number of bytes in which the module fits, and each of its functions. */
  room: number;
  /** The crate `wasm-text-reader`, compiled to WebAssembly: its bytes. */
  reader: ArrayLike<number>;
}

/**
 * Restores a WebAssembly module from its text.
 *
 * @returns the bytes of the module
 * @throws Error if the text is not the one that was encoded
 * @throws RangeError if there is no memory
 * @throws WebAssembly.CompileError if the page's policy forbids WebAssembly
 */
export function decode({ text, checksum, room, reader }: Encoded): Uint8Array<ArrayBuffer> {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(reader)));
  const { memory, decode } = instance.exports as unknown as Reader;
  const characters = new TextEncoder().encode(text);
  const length = characters.length;
  // The added pages hold the text, the longest function and the module, in this order.
  const start = memory.grow(Math.ceil((length + 2 * room) / PAGE)) * PAGE;
  const bytes = new Uint8Array(memory.buffer, start);
  bytes.set(characters);
  const end = decode(start, length, room, checksum);
  if (end === 0) {
    throw new Error(
      "The WebAssembly module was changed after the build, by a proxy or a build step. Serve " +
        "the file as it was published.",
    );
  }
  return bytes.subarray(length + room, length + room + end);
}
