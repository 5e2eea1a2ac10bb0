import { defineConfig } from "vite";

/**
 * Every visit of this page asks who is logged in, so it needs the part of the package that is loaded by the first call: fetched beside the app's own
 * script, not after it. The package works without.
 */
const preload = {
  name: "preload-cometchat-auth",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler(_, { bundle }) {
      const isLater = ({ isDynamicEntry, facadeModuleId }) => isDynamicEntry && facadeModuleId.includes("/cometchat-auth/");
      const attributes = ({ fileName }) => ({ rel: "modulepreload", crossorigin: true, href: `/${fileName}` });
      return Object.values(bundle).filter(isLater).map((chunk) => ({ tag: "link", attrs: attributes(chunk), injectTo: "head" }));
    },
  },
};

export default defineConfig({ plugins: [preload] });
