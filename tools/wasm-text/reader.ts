/**
 * The streams of the format, in the order of the text. From `MemoryOffset` on each holds one number
 * for every immediate that belongs to it.
 */
const enum Stream {
  ModuleLength,
  Opcodes,
  ImmediateStreams,
  Instructions,
  Outside,
  Locals,
  OtherImmediates,
  MemoryOffset,
}

const enum Opcode {
  Block = 0x02,
  If = 0x04,
  End = 0x0b,
}

/** How many digits are leading digits: another digit follows them. The others end a number. */
const LEADING = 26;
/** How many digits end a number. */
const LAST = 63;
/** Added to the bytes outside of functions. */
const OUTSIDE_SHIFT = 63;
/**
 * Quotes, `<` and the backslash: not digits, because literals and inline scripts would need
 * escapes.
 */
const NOT_DIGITS = [34, 39, 60, 92, 96];

/**
 * Restores a WebAssembly module from its text.
 *
 * @param text what the Rust crate's `encode` wrote
 * @param checksum the checksum that `encode` returned with it
 * @returns the bytes of the module
 * @throws Error if the text is not the one that was encoded
 */
export function decode(text: string, checksum: number): Uint8Array<ArrayBuffer> {
  const digits = digitValues();
  const numbers = new Int32Array(text.length);
  /** For each stream the index of its next number. */
  const cursors = [0];
  let count = 0;
  let number = 0;
  let hash = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    hash = (hash * 63 + character) & 0xffffff;
    const digit = digits[character]!;
    if (digit >= LAST) number = number * LEADING + digit;
    else if (character > 125) cursors.push(count);
    else {
      numbers[count++] = number + digit;
      number = 0;
    }
  }
  if (hash !== checksum) {
    throw new Error(
      "The WebAssembly module was changed after the build, by a proxy or a build step. Serve " +
        "the file as it was published.",
    );
  }
  return assemble(numbers, cursors);
}

/** The value of each digit by its character code. Leading digits count `LAST` times as much. */
function digitValues(): Int16Array {
  const values = new Int16Array(127);
  let digit = 0;
  for (let character = 32; character < 126; character++) {
    if (NOT_DIGITS.includes(character)) continue;
    values[character] = digit < LEADING ? (digit + 1) * LAST : digit - LEADING;
    digit++;
  }
  return values;
}

/**
 * Writes the bytes of the module. The typed array keeps the lowest eight bits of what is assigned.
 */
function assemble(numbers: Int32Array, cursors: number[]): Uint8Array<ArrayBuffer> {
  const next = (stream: number): number => numbers[cursors[stream]!++]!;
  const bytes = new Uint8Array(next(Stream.ModuleLength));
  let end = 0;
  /** Copies as many bytes as the stream says. */
  const copy = (stream: number, shift: number) => {
    for (let count = next(stream); count > 0; count--) bytes[end++] = next(stream) + shift;
  };
  const opcodes = cursors[Stream.Opcodes]!;
  const immediateStreams = cursors[Stream.ImmediateStreams]!;
  const instructions = cursors[Stream.Instructions]!;
  const endOfInstructions = cursors[Stream.Outside]!;

  copy(Stream.Outside, OUTSIDE_SHIFT);
  let start = 0;
  let depth = 0;
  for (let i = instructions; i < endOfInstructions; i++) {
    if (depth === 0) {
      start = end;
      depth = 1;
      copy(Stream.Locals, 0);
    }
    const index = numbers[i]!;
    const opcode = numbers[opcodes + index]!;
    const stream = numbers[immediateStreams + index]!;
    bytes[end++] = opcode;
    if (stream === Stream.OtherImmediates) copy(stream, 0);
    else if (stream > 0) {
      // The alignment.
      if (stream === Stream.MemoryOffset) bytes[end++] = 0;
      // LEB128 sequences are numbered, the shorter ones first. 128 is the first of two bytes.
      let number = next(stream);
      for (; number > 127; number = (number >> 7) - 1) bytes[end++] = number | 128;
      bytes[end++] = number;
    }
    if (opcode >= Opcode.Block && opcode <= Opcode.If) depth++;
    if (opcode === Opcode.End && --depth === 0) {
      // The size of a function stands in front of it.
      const body = bytes.slice(start, end);
      let size = body.length;
      for (end = start; size > 127; size >>= 7) bytes[end++] = size | 128;
      bytes[end++] = size;
      bytes.set(body, end);
      end += body.length;
    }
  }
  while (end < bytes.length) bytes[end++] = next(Stream.Outside) + OUTSIDE_SHIFT;
  return bytes;
}
