import { defineConfig } from "vite";

/**
 * Every visit of this page asks who is logged in, so it needs the part of the package that is loaded by the first call: fetched beside the app's own
 * script, not after it, which on a slow line is a round trip. The package works without.
 */
const preload = {
  name: "preload-cometchat-auth",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler(_, { bundle }) {
      const later = Object.values(bundle).filter(({ isDynamicEntry, facadeModuleId }) => isDynamicEntry && facadeModuleId.includes("/cometchat-auth/"));
      return later.map(({ fileName }) => ({ tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `/${fileName}` }, injectTo: "head" }));
    },
  },
};

export default defineConfig({ plugins: [preload] });
