/**
 * Reads the WebAssembly out of the text that `cargo xtask build` wrote. The format is explained in `xtask/src/encode.rs`: streams of numbers, for what
 * lies outside of functions, for the instructions, and for each kind of what follows an instruction.
 *
 * @throws Error when the text is not what was written: something changed the file on its way.
 */
export function decode(text: string, checksum: number): Uint8Array<ArrayBuffer> {
  // FNV-1a. First, so that nothing is read but what was written.
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x1000193);
  if (hash >>> 0 !== checksum) {
    throw new Error("core.js arrived changed: a proxy or build step rewrites it. Serve it as published.");
  }

  // In code order, without what a string literal or an inline script dislikes. After one of the first 26 another one follows.
  const digits = new Uint8Array(126);
  let digit = 0;
  for (let c = 32; c < 126; c++) if (![34, 39, 60, 92, 96].includes(c)) digits[c] = digit++;
  const streams = text.split("~").map((text) => ({ text, at: 0 }));
  const next = (stream: number): number => {
    const from = streams[stream]!;
    let n = 0;
    while ((digit = digits[from.text.charCodeAt(from.at++)]!) < 26) n = n * 26 + digit + 1;
    return n * 63 + digit - 26;
  };
  const rest = (stream: number): number[] => {
    const { text } = streams[stream]!;
    const all = [];
    while (streams[stream]!.at < text.length) all.push(next(stream));
    return all;
  };

  // What is put in keeps its lowest eight bits.
  const bytes = new Uint8Array(next(0));
  let end = 0;
  const copy = (stream: number, shift = 0, count = next(stream)): void => {
    while (count--) bytes[end++] = next(stream) + shift;
  };
  // Seven bits to a byte, the lowest first. 128 is the first number with two bytes: no number has two spellings.
  const leb = (n: number): void => {
    for (; n > 127; n = Math.floor(n / 128) - 1) bytes[end++] = n | 128;
    bytes[end++] = n;
  };

  copy(4, 63);
  const ops = rest(1);
  const shapes = rest(2);
  let start = 0;
  let depth = 0;
  for (const index of rest(3)) {
    if (!depth) {
      start = end;
      depth = 1;
      copy(5);
    }
    const op = (bytes[end++] = ops[index]!);
    const shape = shapes[index]!;
    if (shape === 6) copy(6);
    else if (shape) {
      if (shape === 7) bytes[end++] = 0;
      leb(next(shape));
    }
    if (op > 1 && op < 5) depth++;
    if (op === 11 && !--depth) {
      // The function's size comes before it.
      const body = bytes.slice(start, end);
      const size = end - start;
      end = start;
      leb(size > 127 ? (size > 16383 ? size + 16512 : size + 128) : size);
      bytes.set(body, end);
      end += size;
    }
  }
  copy(4, 63, bytes.length - end);
  return bytes;
}
