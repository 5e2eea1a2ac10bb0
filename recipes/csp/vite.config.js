import { defineConfig, loadEnv } from "vite";

export default defineConfig(({ mode }) => {
  const { VITE_EMULATOR_URL } = loadEnv(mode, import.meta.dirname);
  const policy = [
    "default-src 'none'",
    // 'self' for the app and the part of the package that it loads later; the other for the WebAssembly inside.
    "script-src 'self' 'wasm-unsafe-eval'",
    `connect-src ${VITE_EMULATOR_URL || "https://*.cometchat.io"}`,
    "require-trusted-types-for 'script'",
  ].join("; ");
  // Here it is Vite's preview that sends the header; in production it is your server or CDN.
  return { preview: { headers: { "Content-Security-Policy": policy } } };
});
