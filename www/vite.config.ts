import { defineConfig, loadEnv, type Plugin } from "vite";
import { yourServer } from "./server/your-server.ts";

const DEFAULT_EMULATOR_URL = "http://127.0.0.1:8599";
const DEFAULT_APP_ID = "emulator-app";
const DEFAULT_REST_API_KEY = "emulator-rest-api-key";

export default defineConfig(({ command, mode }) => {
  const env = loadEnv(mode, import.meta.dirname, ["VITE_", "EMULATOR_"]);
  const emulatorUrl = (env["VITE_EMULATOR_URL"]?.trim() || DEFAULT_EMULATOR_URL).replace(
    /\/+$/,
    "",
  );
  return {
    plugins: [
      yourServer({
        emulatorUrl,
        appId: env["VITE_APP_ID"]?.trim() || DEFAULT_APP_ID,
        // Empty means "no key", and the page explains that. Only unset gets the default.
        restApiKey: (env["EMULATOR_REST_API_KEY"] ?? DEFAULT_REST_API_KEY).trim(),
      }),
      ...(command === "build" ? [contentSecurityPolicy(emulatorUrl)] : []),
    ],
    // The package is linked from ../pkg. By default Vite refuses to serve files outside www/.
    server: { host: "127.0.0.1", port: 8600, fs: { allow: [".", "../pkg"] } },
    preview: { host: "127.0.0.1", port: 8600 },
    build: { target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  };
});

/**
 * Adds the strict Content-Security-Policy that the package supports to the built page. (The dev
 * server needs inline styles and a web socket.) It allows the page's own files, compiling the
 * inlined WebAssembly, requests to the emulator, and its avatars.
 */
function contentSecurityPolicy(emulatorUrl: string): Plugin {
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    `img-src 'self' ${emulatorUrl}`,
    `connect-src 'self' ${emulatorUrl}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
  return {
    name: "content-security-policy",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: policy },
        injectTo: "head-prepend",
      },
    ],
  };
}
