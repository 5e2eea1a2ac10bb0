/**
 * The apps of the matrix. Each is what somebody would write who follows the bundler's own guide and this package's README; nothing is configured for the package.
 *
 * @typedef {{
 *   name: string, title: string, folder: string, tools?: string, versions: string[], fast?: boolean,
 *   build?: string[][], env?: Record<string, string>, public?: string, static?: string,
 *   server?: (port: number) => string[], ready?: RegExp,
 *   pages?: Record<string, "at once" | "streams" | "falls back" | "later">, text?: Record<string, string>, scripts?: number,
 *   commands?: {command: string[], how: "works" | "streams" | "falls back"}[],
 * }} App
 * `folder`: below tests/apps, and `tools`, where another folder brings the programs. `versions`: packages in its node_modules whose versions the table names. `build`: programs in its node_modules with arguments,
 * run in order. `public`: files that go beside what was built. `static`: the folder that is served; or `server`: the program that serves, and `ready`, what
 * it says when it does. `pages`: path → where the WebAssembly comes from there: JavaScript that was there before the first call, or came
 * later; the .wasm file while it arrives, or JavaScript after the file could not be had. `how`: the same for a command, which says nothing of the first two. `text`: what else the first page shows, by selector. `scripts`: how many scripts the first page may load. `commands`: no page, but these
 * have to print "ok"; `URL` stands for the emulator's, `*` in a path for whichever folder is there (one for each platform).
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
const NOT_ON_SERVER = { "#server": "not initialised on the server" };

/** The entries in a runtime that is no browser. `how`: whether it fetches files, as the second entry wants. */
const runtime = (how, ...command) => [
  { command: [...command, "check.mjs", "URL", "cometchat-auth"], how: "works" },
  { command: [...command, "check.mjs", "URL", "cometchat-auth/wasm-url"], how },
  { command: [...command, "check.mjs", "URL", "cometchat-auth/lazy"], how: "works" },
];

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
        "--bundle",
        "--minify",
        "--format=iife",
        "--outdir=dist/iife",
      ],
    ],
    public: "public/iife",
    static: "dist/iife",
    pages: DEFAULT_ONLY,
    scripts: 1,
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
