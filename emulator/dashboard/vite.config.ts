import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** The emulator that `npm run dev` shows. */
const EMULATOR = process.env["COMETCHAT_EMULATOR_URL"] ?? "http://127.0.0.1:8599";

/**
 * Preact becomes part of the bundle, so its notice goes with it: added last, because minifying
 * takes comments away.
 */
function notice(): Plugin {
  const text = readFileSync(new URL("node_modules/preact/LICENSE", import.meta.url), "utf8");
  return {
    name: "notice",
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === "chunk") {
          file.code = `/*! Contains Preact.\n${text.trim()}\n*/\n${file.code}`;
        }
      }
    },
  };
}

export default defineConfig({
  plugins: [notice()],
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(["/v3", "/emulator/v1"].map((path) => [path, EMULATOR])),
  },
  // Where both shells of the emulator serve what is built here.
  base: "/dashboard/",
  build: {
    target: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: false,
    // A `data:` address would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
  },
});
