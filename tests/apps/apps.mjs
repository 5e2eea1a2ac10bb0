/**
 * The apps of the matrix. Each follows the tool's own guide and the README of this package. Nothing
 * is configured for the package, except in Jest.
 *
 * @typedef {"at once" | "streams" | "falls back" | "later" | "works"} Way Where the WebAssembly
 *   comes from. `at once`: from JavaScript that was there before the first call. `later`: from
 *   JavaScript that the first call loads. `streams`: from the .wasm file. `falls back`: from
 *   JavaScript, because the file could not be used. `works`: not
 *   checked.
 *
 * @typedef {{
 *   name: string, title: string, folder: string, tools?: string, versions: string[],
 *   fast?: boolean, build?: string[][], env?: Record<string, string>, public?: string,
 *   static?: string, server?: (port: number) => string[], ready?: RegExp,
 *   pages?: Record<string, Way>, text?: Record<string, string>, scripts?: number,
 *   replies?: Record<string, {text: string, headers?: Record<string, string>}>,
 *   commands?: {command: string[], how: Way, env?: Record<string, string>, says?: RegExp}[],
 * }} App
 *
 * - `folder`: below tests/apps. `tools`: another folder that brings the programs.
 * - `versions`: packages in its node_modules whose versions the table names.
 * - `build`: programs in its node_modules with arguments, run in order. `public`: files to copy
 *   beside the output.
 * - `static`: the folder to serve. Or `server`: the program that serves, and `ready`: what it
 *   prints when it is ready.
 * - `pages`: each path and its way. `text`: what else the first page shows, by selector. `scripts`:
 *   how many scripts the first page loads.
 * - `replies`: the response to a path.
 * - `commands`: programs that print "ok", or what `says` matches. In their arguments `URL` stands
 *   for the emulator's address, which is also in `EMULATOR_URL`, and `*` in a path for the one
 *   folder that is there. `ENTRY` in `env` is the entry that it tests.
 */

const PAGES = { "index.html": "at once", "streaming.html": "streams", "lazy.html": "later" };
const DEFAULT_ONLY = { "index.html": "at once" };
/** The bundler leaves `new URL(…, import.meta.url)` as it is and copies nothing. */
const FALLS_BACK = {
  "index.html": "at once",
  "streaming.html": "falls back",
  "lazy.html": "later",
};
/** Where each page is a route of its own. */
const ROUTES = { "": "at once", streaming: "streams", lazy: "later" };
/** A route of the edge runtime, behind a middleware that imports the package. */
const AT_THE_EDGE = {
  edge: { text: "WEBASSEMBLY_UNAVAILABLE", headers: { "x-cometchat": "imported" } },
};
const NOT_ON_SERVER = { "#server": "not initialised on the server" };

/**
 * The entries in a runtime that is no browser. `how`: whether it fetches files, as the second entry
 * wants.
 */
const runtime = (how, ...command) => [
  { command: [...command, "check.mjs", "URL", "cometchat-auth"], how: "works" },
  { command: [...command, "check.mjs", "URL", "cometchat-auth/wasm-url"], how },
  { command: [...command, "check.mjs", "URL", "cometchat-auth/lazy"], how: "works" },
];

/**
 * Tests that log in, run by a test runner once for each entry. `passed`: what it says when both
 * have passed.
 */
const testRun = (ways, passed, ...command) =>
  Object.entries(ways).map(([entry, how]) => ({
    command: [process.execPath, ...command],
    how,
    env: { ENTRY: entry },
    says: passed,
  }));
const ALL = {
  "cometchat-auth": "works",
  "cometchat-auth/wasm-url": "falls back",
  "cometchat-auth/lazy": "works",
};
const VITEST = (environment) =>
  testRun(
    ALL,
    /Tests +2 passed \(2\)/,
    "node_modules/vitest/vitest.mjs",
    "run",
    `--environment=${environment}`,
  );
/** Jest runs CommonJS, in which there is no `import.meta`. */
const JEST = (environment) =>
  testRun(
    { "cometchat-auth": "works", "cometchat-auth/lazy": "works" },
    /^Tests: +2 passed, 2 total$/m,
    "node_modules/jest/bin/jest.js",
    `--env=${environment}`,
  );

/** @type {App[]} */
export const APPS = [
  {
    name: "module",
    title: "`<script type=module>`, no bundler",
    folder: "plain",
    versions: [],
    fast: true,
    static: ".",
    pages: { "module.html": "at once", "streaming.html": "streams", "lazy.html": "later" },
  },
  {
    name: "script",
    title: "`<script>`, no bundler",
    folder: "plain",
    versions: [],
    fast: true,
    static: ".",
    pages: { "script.html": "at once" },
    scripts: 1,
  },
  {
    name: "esbuild-esm",
    title: "esbuild, ESM",
    folder: "esbuild",
    versions: ["esbuild"],
    fast: true,
    build: [
      [
        "esbuild/bin/esbuild",
        "src/main.js",
        "src/streaming.js",
        "src/lazy.js",
        "--bundle",
        "--minify",
        "--splitting",
        "--format=esm",
        "--outdir=dist/esm",
      ],
    ],
    public: "public/esm",
    static: "dist/esm",
    pages: FALLS_BACK,
  },
  {
    name: "esbuild-iife",
    title: "esbuild, IIFE",
    folder: "esbuild",
    versions: ["esbuild"],
    fast: true,
    build: [
      [
        "esbuild/bin/esbuild",
        "src/main.js",
        "src/streaming.js",
        "--bundle",
        "--minify",
        "--format=iife",
        "--log-override:empty-import-meta=silent",
        "--outdir=dist/iife",
      ],
    ],
    public: "public/iife",
    static: "dist/iife",
    // There is no `import.meta.url`: the copy inside JavaScript is used, which is in the same file.
    pages: { "index.html": "at once", "streaming.html": "at once" },
    scripts: 1,
  },
  {
    name: "esbuild-cjs",
    title: "esbuild, CommonJS",
    folder: "esbuild",
    versions: ["esbuild"],
    fast: true,
    build: [
      [
        "esbuild/bin/esbuild",
        "src/node/main.js",
        "src/node/streaming.js",
        "src/node/lazy.js",
        "--bundle",
        "--minify",
        "--platform=node",
        "--format=cjs",
        "--log-override:empty-import-meta=silent",
        "--outdir=dist/cjs",
        "--out-extension:.js=.cjs",
      ],
    ],
    // There is no `import.meta.url`, as in an IIFE.
    commands: [
      { command: [process.execPath, "dist/cjs/main.cjs"], how: "works" },
      { command: [process.execPath, "dist/cjs/streaming.cjs"], how: "falls back" },
      { command: [process.execPath, "dist/cjs/lazy.cjs"], how: "works" },
    ],
  },
  {
    name: "rollup",
    title: "Rollup",
    folder: "rollup",
    versions: ["rollup", "@rollup/plugin-node-resolve"],
    fast: true,
    build: [["rollup/dist/bin/rollup", "--config", "--failAfterWarnings"]],
    public: "public",
    static: "dist",
    pages: FALLS_BACK,
  },
  {
    name: "vite",
    title: "Vite, build",
    folder: "vite",
    versions: ["vite"],
    fast: true,
    build: [["vite/bin/vite.js", "build"]],
    static: "dist",
    pages: PAGES,
  },
  {
    name: "vite-dev",
    title: "Vite, dev",
    folder: "vite",
    versions: ["vite"],
    server: (port) => [
      "vite/bin/vite.js",
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--strictPort",
      "--force",
    ],
    ready: /ready in/,
    pages: PAGES,
  },
  {
    name: "webpack",
    title: "webpack",
    folder: "webpack",
    versions: ["webpack", "webpack-cli"],
    build: [["webpack-cli/bin/cli.js"]],
    public: "public",
    static: "dist",
    pages: PAGES,
  },
  {
    name: "rspack",
    title: "Rspack",
    folder: "rspack",
    versions: ["@rspack/core", "@rspack/cli"],
    build: [["@rspack/cli/bin/rspack.js", "build"]],
    public: "public",
    static: "dist",
    pages: PAGES,
  },
  {
    name: "parcel",
    title: "Parcel",
    folder: "parcel",
    versions: ["parcel"],
    build: [
      ["parcel/lib/bin.js", "build", "index.html", "streaming.html", "lazy.html", "--no-cache"],
    ],
    static: "dist",
    pages: PAGES,
  },
  {
    name: "next-turbopack",
    title: "Next, Turbopack",
    folder: "next",
    versions: ["next", "react"],
    env: { NEXT_TELEMETRY_DISABLED: "1" },
    build: [["next/dist/bin/next", "build", "--turbopack"]],
    server: (port) => [
      "next/dist/bin/next",
      "start",
      "--hostname",
      "127.0.0.1",
      "--port",
      String(port),
    ],
    ready: /Ready in/,
    pages: ROUTES,
    text: NOT_ON_SERVER,
    replies: AT_THE_EDGE,
  },
  {
    name: "next-webpack",
    title: "Next, webpack",
    folder: "next",
    versions: ["next", "react"],
    env: { NEXT_TELEMETRY_DISABLED: "1", DIST_DIR: ".next-webpack" },
    build: [["next/dist/bin/next", "build", "--webpack"]],
    server: (port) => [
      "next/dist/bin/next",
      "start",
      "--hostname",
      "127.0.0.1",
      "--port",
      String(port),
    ],
    ready: /Ready in/,
    pages: ROUTES,
    text: NOT_ON_SERVER,
    replies: AT_THE_EDGE,
  },
  {
    name: "next-dev",
    title: "Next, dev",
    folder: "next",
    versions: ["next", "react"],
    env: { NEXT_TELEMETRY_DISABLED: "1" },
    server: (port) => [
      "next/dist/bin/next",
      "dev",
      "--hostname",
      "127.0.0.1",
      "--port",
      String(port),
    ],
    ready: /Ready in/,
    pages: ROUTES,
    text: NOT_ON_SERVER,
    replies: AT_THE_EDGE,
  },
  {
    name: "sveltekit",
    title: "SvelteKit, SSR in Node",
    folder: "sveltekit",
    versions: ["@sveltejs/kit", "svelte", "vite"],
    env: { HOST: "127.0.0.1" },
    build: [["vite/bin/vite.js", "build"]],
    server: () => ["../build"],
    ready: /Listening on/,
    pages: ROUTES,
    text: NOT_ON_SERVER,
  },
  {
    name: "angular",
    title: "Angular, with zone.js",
    folder: "angular",
    versions: ["@angular/core", "zone.js"],
    build: [
      [
        "esbuild/bin/esbuild",
        "src/main.ts",
        "--bundle",
        "--format=esm",
        // As Angular's own build does it: zone.js sees promises, and no async functions.
        "--supported:async-await=false",
        "--outdir=dist",
      ],
    ],
    public: "public",
    static: "dist",
    pages: DEFAULT_ONLY,
    text: { "#zone": "in Angular's zone" },
  },
  {
    name: "vue",
    title: "Vue, everything behind its proxies",
    folder: "vue",
    versions: ["vue"],
    fast: true,
    build: [
      [
        "esbuild/bin/esbuild",
        "src/main.js",
        "--bundle",
        "--format=esm",
        '--define:process.env.NODE_ENV="production"',
        "--outdir=dist",
      ],
    ],
    public: "public",
    static: "dist",
    pages: DEFAULT_ONLY,
    text: { "#proxies": "true,true,true" },
  },
  {
    name: "service-worker",
    title: "Service worker",
    folder: "service-worker",
    versions: ["esbuild"],
    fast: true,
    build: [
      [
        "esbuild/bin/esbuild",
        "src/main.js",
        "src/worker.js",
        "--bundle",
        "--format=esm",
        "--outdir=dist",
      ],
    ],
    public: "public",
    static: "dist",
    pages: { "index.html": "works" },
  },
  {
    name: "vitest-jsdom",
    title: "Vitest, jsdom",
    folder: "vitest",
    versions: ["vitest", "jsdom"],
    fast: true,
    commands: VITEST("jsdom"),
  },
  {
    name: "vitest-happy-dom",
    title: "Vitest, happy-dom",
    folder: "vitest",
    versions: ["vitest", "happy-dom"],
    fast: true,
    commands: VITEST("happy-dom"),
  },
  {
    name: "jest-node",
    title: "Jest, node",
    folder: "jest",
    versions: ["jest"],
    fast: true,
    commands: JEST("node"),
  },
  {
    name: "jest-jsdom",
    title: "Jest, jsdom with fetch",
    folder: "jest",
    versions: ["jest", "jest-environment-jsdom"],
    fast: true,
    commands: JEST("./environments/jsdom-with-fetch.mjs"),
  },
  {
    name: "types-node10",
    title: "TypeScript, `moduleResolution: node10`",
    folder: "types-node10",
    versions: ["typescript"],
    fast: true,
    commands: [
      {
        command: [process.execPath, "node_modules/typescript/bin/tsc", "--project", "."],
        how: "works",
        says: /^$/,
      },
    ],
  },
  {
    name: "node",
    title: `Node ${process.versions.node.split(".")[0]}`,
    folder: "node",
    versions: [],
    fast: true,
    commands: runtime("falls back", process.execPath),
  },
  ...["node22", "node24", "node26"].map((name) => ({
    name,
    title: `Node ${name.slice(4)}`,
    folder: "node",
    tools: "runtimes",
    versions: [name],
    commands: runtime("falls back", `../runtimes/node_modules/${name}/bin/node`),
  })),
  {
    name: "deno",
    title: "Deno",
    folder: "node",
    tools: "runtimes",
    versions: ["deno"],
    commands: runtime(
      "streams",
      "../runtimes/node_modules/@deno/*/deno",
      "run",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      "--allow-read=.",
    ),
  },
  {
    name: "bun",
    title: "Bun",
    folder: "node",
    tools: "runtimes",
    versions: ["bun"],
    commands: runtime("streams", "../runtimes/node_modules/@oven/*/bin/bun"),
  },
];
