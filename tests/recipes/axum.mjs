/**
 * The token server in Rust. Compiling it takes a minute at first, so only `cargo xtask test
 * --matrix` runs it.
 */
import { after, before, test } from "node:test";
import { run } from "../support/packed.mjs";
import { folderOf, startEnvironment, prepare } from "./recipe.mjs";
import { tokenServerTest } from "./token-server.mjs";

let environment;
before(async () => {
  environment = await startEnvironment();
});
after(() => environment?.close());

test(
  "token server in axum: the page's login is that of the app, the key stays on the server",
  { timeout: 900_000 },
  async () => {
    await prepare(environment, "token-server/page");
    const cwd = folderOf("token-server/axum");
    const said = await run(
      "cargo",
      ["build", "--locked", "--message-format", "json-render-diagnostics"],
      { cwd, timeoutMs: 800_000 },
    );
    const program = said
      .split("\n")
      .flatMap((line) => (line.startsWith("{") ? (JSON.parse(line).executable ?? []) : []))
      .at(-1);
    await tokenServerTest(environment, { command: program, args: [], cwd });
  },
);
