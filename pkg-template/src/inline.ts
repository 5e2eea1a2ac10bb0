/**
 * Reads the WebAssembly out of the text that `cargo xtask build` wrote. The format is explained in `xtask/src/encode.rs`: a table of 256
 * characters, then for each byte one character, or a prefix (`}` or `~`) and a second one.
 *
 * @throws Error when the bytes are not those that were written: something changed the file on its way.
 */
export function decode(text: string, length: number, checksum: number): Uint8Array<ArrayBuffer> {
  // Indexed by the character, plus 128 after the prefix `}` and 256 after `~`.
  const values = new Uint8Array(384);
  const bytes = new Uint8Array(length);
  // The second character given out last, for each prefix: in code order, without those that a string literal or an inline script dislikes.
  const seconds = [31, 31];
  const second = (prefix: number): number => {
    let c = seconds[prefix]!;
    do c++;
    while ([34, 39, 60, 92, 96].includes(c));
    return (seconds[prefix] = c);
  };
  let at = 0;
  let end = 0;
  // FNV-1a
  let hash = 0x811c9dc5;
  while (at < 256) {
    const c = text.charCodeAt(at);
    values[c > 124 ? (c - 124) * 128 + second(c - 125) : c] = at++;
  }
  while (at < text.length) {
    let c = text.charCodeAt(at++);
    if (c > 124) c = (c - 124) * 128 + text.charCodeAt(at++);
    hash = Math.imul(hash ^ (bytes[end++] = values[c]!), 0x1000193);
  }
  if (end !== length || hash >>> 0 !== checksum) {
    throw new Error("core.js arrived changed: a proxy or build step rewrites it. Serve it as published.");
  }
  return bytes;
}
