// Run from the repository's root: `eslint --config tools/lint/eslint.config.js .`
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";
import tseslint from "typescript-eslint";

export default defineConfig([
  globalIgnores([
    "**/node_modules/",
    "**/dist/",
    "**/target/",
    "emulator/npm/core/*.js",
    "emulator/npm/dashboard/",
    "pkg/",
    "pkg-template/src/generated/",
    "tests/compat/snippets/", // the code of CometChat's documentation, as it is there
    "www/public/",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  tseslint.configs.strict,
  {
    rules: {
      // Express tells an error handler by its four parameters.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    // Linted with its types: what belongs to a tsconfig.json.
    files: ["{pkg-template,www,emulator}/**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["{pkg-template,www}/tsconfig*.json", "emulator/*/tsconfig*.json"],
        tsconfigRootDir: new URL("../..", import.meta.url).pathname,
      },
    },
    rules: {
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Each form of a call has documentation of its own.
      "@typescript-eslint/unified-signatures": [
        "error",
        { ignoreOverloadsWithDifferentJSDoc: true },
      ],
      // `[...text]` is how characters are meant to be taken apart.
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
    },
  },
  {
    // Tests hold code for both sides: what Playwright evaluates runs in the page.
    files: ["**/*.{js,jsx,mjs}"],
    languageOptions: {
      globals: { ...globals.browser, ...globals.node, CometChat: "readonly" },
    },
  },
  {
    // A page's script knows the elements of its own page.
    files: ["recipes/**", "tests/apps/**"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    // `expectType<void>(…)`
    files: ["tests/types/*.test-d.ts"],
    rules: { "@typescript-eslint/no-invalid-void-type": "off" },
  },
]);
