/**
 * Reads the WebAssembly out of the text that `cargo xtask build` wrote. The format is explained in `xtask/src/encode.rs`: streams of numbers, for what
 * lies outside of functions, for the instructions, and for each kind of what follows an instruction.
 *
 * Two plain loops over typed arrays, without functions of their own, on numbers that fit a register: the engine interprets most of this.
 *
 * @throws Error when the text is not what was written: something changed the file on its way.
 */
export function decode(text: string, checksum: number): Uint8Array<ArrayBuffer> {
  // The digits in code order, without what a string literal or an inline script dislikes. After one of the first 26 another one follows; these count
  // 63 times as much, so that what is above 62 tells them apart.
  const values = new Int16Array(127);
  let digit = 0;
  for (let c = 32; c < 126; c++)
    if (![34, 39, 60, 92, 96].includes(c)) values[c] = digit < 26 ? ++digit * 63 : digit++ - 26;

  // All numbers, and where each stream begins among them.
  const numbers = new Int32Array(text.length);
  const starts = [0];
  let count = 0;
  let n = 0;
  let hash = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    hash = (hash * 63 + c) & 0xffffff;
    digit = values[c]!;
    if (digit > 62) n = n * 26 + digit;
    else if (c > 125) starts.push(count);
    else {
      numbers[count++] = n + digit;
      n = 0;
    }
  }
  if (hash !== checksum) {
    throw new Error(
      "The WebAssembly arrived changed: a proxy or build step rewrites it. Serve it as published.",
    );
  }

  // From here on `starts` says where each stream is read next. What is put into the bytes keeps its lowest eight bits.
  const bytes = new Uint8Array(numbers[0]!);
  let end = 0;
  const [, opcodes, follows, first, last] = starts;
  for (count = numbers[starts[4]!++]!; count--;) bytes[end++] = numbers[starts[4]!++]! + 63;
  let start = 0;
  let depth = 0;
  for (let i = first!; i < last!; i++) {
    if (!depth) {
      start = end;
      depth = 1;
      for (count = numbers[starts[5]!++]!; count--;) bytes[end++] = numbers[starts[5]!++]!;
    }
    n = numbers[i]!;
    const op = numbers[opcodes! + n]!;
    const stream = numbers[follows! + n]!;
    bytes[end++] = op;
    if (stream === 6)
      for (count = numbers[starts[6]!++]!; count--;) bytes[end++] = numbers[starts[6]!++]!;
    else if (stream) {
      // The alignment.
      if (stream === 7) bytes[end++] = 0;
      // Seven bits to a byte, the lowest first. 128 is the first number with two bytes: no number has two spellings.
      for (n = numbers[starts[stream]!++]!; n > 127; n = (n >> 7) - 1) bytes[end++] = n | 128;
      bytes[end++] = n;
    }
    if (op > 1 && op < 5) depth++;
    if (op === 11 && !--depth) {
      // The function's size comes before it.
      const body = bytes.slice(start, end);
      n = body.length;
      n += n > 16383 ? 16512 : n > 127 ? 128 : 0;
      for (end = start; n > 127; n = (n >> 7) - 1) bytes[end++] = n | 128;
      bytes[end++] = n;
      bytes.set(body, end);
      end += body.length;
    }
  }
  while (end < bytes.length) bytes[end++] = numbers[starts[4]!++]! + 63;
  return bytes;
}
