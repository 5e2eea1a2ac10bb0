/** What `wasm-text-reader` exports. */
interface Reader {
  memory: WebAssembly.Memory;
  decode(start: number, length: number, room: number, checksum: number): number;
}

/** Bytes in a page of WebAssembly memory. */
const PAGE = 65_536;
/** The most bytes of a module for each character of its text. */
const MOST_BYTES = 2;

/** What the module of the Rust crate's `Encoded::javascript` exports. */
export interface Encoded {
  text: string;
  checksum: number;
  /** The crate `wasm-text-reader`, compiled to WebAssembly: its bytes. */
  reader: ArrayLike<number>;
}

/**
 * Restores a WebAssembly module from its text.
 *
 * @returns the bytes of the module
 * @throws Error if the text is not the one that was encoded
 */
export function decode({ text, checksum, reader }: Encoded): Uint8Array<ArrayBuffer> {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(reader)));
  const { memory, decode } = instance.exports as unknown as Reader;
  const characters = new TextEncoder().encode(text);
  const length = characters.length;
  const room = length * MOST_BYTES;
  // Behind what the reader has for itself: the text, the longest function, the module.
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
