import { nodeResolve } from "@rollup/plugin-node-resolve";

export default {
  input: ["src/main.js", "src/streaming.js", "src/lazy.js"],
  output: { dir: "dist", format: "es" },
  plugins: [nodeResolve({ browser: true })],
};
