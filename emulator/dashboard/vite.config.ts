import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

/** The emulator that `npm run dev` shows. */
const EMULATOR = process.env["COMETCHAT_EMULATOR_URL"] ?? "http://127.0.0.1:8599";

/** Preact becomes part of the bundle, so its notice goes with it. */
const notice = readFileSync(new URL("node_modules/preact/LICENSE", import.meta.url), "utf8");

export default defineConfig({
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
    rollupOptions: { output: { banner: `/*! Contains Preact.\n${notice.trim()}\n*/` } },
  },
});
