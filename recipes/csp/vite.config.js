import { defineConfig, loadEnv } from "vite";

/** The domains of the service. The response to a login names the hosts of the app. */
const SERVICE = "https://*.cometchat.io https://*.cc-cluster-2.io https://*.cc-edge-2.io";

export default defineConfig(({ mode }) => {
  const { VITE_EMULATOR_URL } = loadEnv(mode, import.meta.dirname);
  const policy = [
    "default-src 'none'",
    // 'self' is for the app's own files, 'wasm-unsafe-eval' for the WebAssembly of the package.
    "script-src 'self' 'wasm-unsafe-eval'",
    `connect-src ${VITE_EMULATOR_URL || SERVICE}`,
    "require-trusted-types-for 'script'",
  ].join("; ");
  // Vite's preview sends the header here. In production your server or CDN sends it.
  return { preview: { headers: { "Content-Security-Policy": policy } } };
});
