// `cargo xtask build` runs this: loads core.js twice, and expects a changed copy to be refused.
import { pathToFileURL } from "node:url";

const [core, changed] = await Promise.all(
  process.argv.slice(-2).map((file) => import(pathToFileURL(file).href)),
);
await core.load(false);
await core.load(true);
const refusal = await changed.load(false).then(() => "nothing", String);
if (!refusal.includes("was changed after the build")) {
  throw new Error(`A changed core.js is answered with: ${refusal}`);
}
