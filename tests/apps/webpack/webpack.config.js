export default {
  mode: "production",
  entry: { main: "./src/main.js", streaming: "./src/streaming.js", eager: "./src/eager.js" },
  output: { clean: true },
};
