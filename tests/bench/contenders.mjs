/**
 * The compared clients and their apps, all bundled by the same bundler with the same code around.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { packageFolder } from "../support/package.mjs";
import { sizes } from "../support/sizes.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** The app that the emulator serves by default. */
export const APP = "emulator-app";

/** Settings for all clients with the official API. No socket, because the others have none. */
const CHAT_SETTINGS = {
  builder:
    "new " +
    `CometChat.AppSettingsBuilder().setRegion("us").autoEstablishSocketConnection(false).build()`,
  plain: `{ region: "us" }`,
};

/** Stored sessions of the two other clients, written by hand: their login is not measured. */
const PEER_SESSION = {
  supabase: {
    key: "bench",
    value: (user, at) => ({
      access_token: "e30.e30.e30",
      refresh_token: "r",
      token_type: "bearer",
      expires_in: 3600 * 24,
      expires_at: at + 3600 * 24,
      user: { id: user.uid, aud: "authenticated", user_metadata: user.metadata },
    }),
  },
  oidc: {
    key: "oidc.user:https://identity.bench.test:bench",
    value: (user, at) => ({
      access_token: "a",
      token_type: "Bearer",
      scope: "openid",
      expires_at: at + 3600 * 24,
      profile: { sub: user.uid, name: user.name, metadata: user.metadata },
    }),
  },
};

/** The folder of another build of the package, to be measured beside this one; may be unset. */
const BEFORE = process.env.CCA_PKG_BEFORE;

const OURS = {
  imports: 'import { CometChat } from "cometchat-auth";',
  setUp: `const settings = ${CHAT_SETTINGS.builder};`,
  client: "CometChat",
};

/**
 * @typedef {{
 *   name: string, label: string, imports: string, folder?: string, published?: string,
 *   setUp: string, init: string, who: string, uid: string, client?: string,
 *   session?: {key: string, value: Function}
 * }} Contender
 * `setUp`, `init`, `who`, `uid`: JavaScript of its app: set-up, start, the logged-in user, and that
 * user's id. `client`: the object with the official API. `folder`: where `cometchat-auth` is.
 * `published`: a package whose only file is a script that sets globals.
 *
 * @type {Contender[]}
 */
export const CONTENDERS = [
  {
    name: "official",
    label: "official SDK 4.2.0",
    // The published file, placed before the app. A bundler's minifier makes it larger
    // (`weighRebundled`).
    published: "@cometchat/chat-sdk-javascript",
    imports: "",
    setUp: `const settings = ${CHAT_SETTINGS.builder};`,
    client: "CometChat",
  },
  { ...OURS, name: "ours", label: "cometchat-auth" },
  ...(BEFORE ? [{ ...OURS, name: "before", label: "the build before", folder: BEFORE }] : []),
  {
    ...OURS,
    name: "lazy",
    label: "cometchat-auth/lazy",
    imports: 'import { CometChat } from "cometchat-auth/lazy";',
  },
  {
    name: "handwritten",
    label: "hand-written JS",
    imports: 'import { CometChat } from "./handwritten.js";',
    setUp: `const settings = ${CHAT_SETTINGS.plain};`,
    client: "CometChat",
  },
  {
    name: "supabase",
    label: "supabase auth-js",
    imports: 'import { AuthClient } from "@supabase/auth-js";',
    setUp: `const client = new AuthClient({ url: "https://identity.bench.test", storageKey: "bench" });`,
    init: "await client.initialize();",
    who: "(await client.getSession()).data.session?.user",
    uid: "id",
    session: PEER_SESSION.supabase,
  },
  {
    name: "oidc",
    label: "oidc-client-ts",
    imports: 'import { UserManager, WebStorageStateStore } from "oidc-client-ts";',
    setUp: `const client = new UserManager({ authority: "https://identity.bench.test",
      client_id: "bench", redirect_uri: location.origin,
      userStore: new WebStorageStateStore({ store: localStorage }) });`,
    // It has no call that starts it. It is ready when it has answered.
    init: "await client.getUser();",
    who: "await client.getUser()",
    uid: "profile.sub",
    session: PEER_SESSION.oidc,
  },
].map((contender) =>
  contender.client
    ? {
        ...contender,
        init: `await CometChat.init("${APP}", settings);`,
        who: "await CometChat.getLoggedinUser()",
        uid: "getUid()",
      }
    : contender,
);

/**
 * The clients with the official API. After its start, the lazy entry is the same as the package.
 */
export const CLIENTS = CONTENDERS.filter(({ client, name }) => client && name !== "lazy");

/** The app for size and start-up: starts the client and reports the logged-in user. */
const startApp = ({ imports, setUp, init, who, uid }) => `${imports}
${setUp}
${init}
performance.mark("init");
const user = ${who};
performance.mark("user");
globalThis.who = user ? user.${uid} : null;
console.debug("started");`;

/** The app for all other parts: exposes the client and starts nothing. */
const labApp = ({ imports, setUp, init }) => `${imports}
${setUp}
Object.assign(globalThis, { CometChat, start: async () => { ${init} } });
console.debug("ready");`;

/**
 * A contender's apps as a bundler ships them.
 *
 * @param {Contender} contender
 * @param {"start" | "lab"} app
 * @returns {Promise<Map<string, Buffer>>} the name of each file → its content; the one to load is
 *   `start.js` or `lab.js`
 */
export async function bundle(contender, app) {
  const contents = (app === "start" ? startApp : labApp)(contender);
  if (contender.published) {
    const { code } = await transform(`(async () => {${contents}})()`, {
      minify: true,
      target: "es2022",
    });
    const published = readFileSync(createRequire(import.meta.url).resolve(contender.published));
    return new Map([[`${app}.js`, Buffer.concat([published, Buffer.from(`\n;${code}`)])]]);
  }
  return bundled(contents, app, contender.folder);
}

/** The official SDK, bundled like all others. */
export async function weighRebundled({ published, ...official }) {
  return weigh(
    await bundled(
      startApp({ ...official, imports: `import { CometChat } from "${published}";` }),
      "start",
    ),
  );
}

async function bundled(contents, app, folder = packageFolder()) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: HERE, sourcefile: `${app}.js` },
    entryNames: app,
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    outdir: "/",
    write: false,
    logLevel: "error",
    alias: { "cometchat-auth": folder },
  });
  return new Map(
    outputFiles.map(({ path, contents }) => [
      path.replaceAll("\\", "/").replace(/^([A-Za-z]:)?\//, ""),
      Buffer.from(contents),
    ]),
  );
}

/** Sizes of the files, each compressed separately, as they are served. */
export function weigh(files) {
  const sum = { raw: 0, gzip: 0, brotli: 0 };
  for (const content of files.values()) {
    const size = sizes(content);
    for (const form of Object.keys(sum)) sum[form] += size[form];
  }
  return { files: files.size, ...sum };
}
