export default {
  mode: "production",
  entry: { main: "./src/main.js", streaming: "./src/streaming.js" },
  output: { clean: true },
};
