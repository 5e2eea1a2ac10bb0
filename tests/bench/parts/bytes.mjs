/** Bytes that a page loads. */
import { bundle, CONTENDERS, weigh, weighRebundled } from "../contenders.mjs";

const whyNotSmaller = ({ figure }) =>
  `${figure("bytes-brotli")} bytes, of which a fifth is the facade, nearly all names and texts that the API needs; the rest is the WebAssembly as text, with its reader and glue. Of its code four fifths
  are our own rules, the others the standard library and the crates with wasm-bindgen (\`cargo xtask size\`). It would take fewer texts that Rust owns.`.replace(
    /\s+/g,
    " ",
  );

export async function bytes() {
  const sizes = {};
  for (const contender of CONTENDERS) {
    sizes[contender.name] = weigh(await bundle(contender, "start"));
  }
  const rebundled = await weighRebundled(CONTENDERS.find(({ published }) => published));
  const row = (id, what, target) => ({
    id: `bytes-${id}`,
    title: `shipped, ${what}`,
    unit: "bytes",
    values: Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, [size[id]]])),
    ...(target && { targets: [target] }),
  });
  return {
    rows: [
      row("brotli", "brotli 11", { max: 0.275, why: whyNotSmaller }),
      row("gzip", "gzip -9"),
      row("raw", "not compressed"),
      row("files", "number of files"),
    ].map((line) => (line.id === "bytes-files" ? { ...line, unit: "" } : line)),
    notes: [
      "The official SDK counts as the file that npm has, with the app behind it. Through the " +
        `same bundler as the others it would weigh ${rebundled.brotli} after brotli.`,
    ],
  };
}
