export default {
  mode: "production",
  entry: { main: "./src/main.js", streaming: "./src/streaming.js", lazy: "./src/lazy.js" },
  output: { clean: true },
};
