import { fileURLToPath } from "node:url";

/** @type {import("next").NextConfig} */
export default {
  reactStrictMode: true,
  // Both bundlers' builds side by side.
  distDir: process.env.DIST_DIR ?? ".next",
  // This folder stands alone: the lock files above it are of other projects.
  turbopack: { root: fileURLToPath(new URL(".", import.meta.url)) },
};
