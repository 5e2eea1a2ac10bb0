/** The emulators that are compared, each as a process of its own. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { freePort } from "../../support/page-server.mjs";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Environment variables that `cargo xtask bench emulator` sets. */
const setting = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run cargo xtask bench emulator`);
  return value;
};

/** `emulate` needs Node 22.15 or newer: where this one is older, the package of Node 24 is used. */
function nodeForEmulate() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return process.execPath;
  const node = folder("node_modules/node24/bin/node");
  if (!existsSync(node)) throw new Error("emulate needs Node 22.15 or newer");
  return node;
}

const OURS = {
  /** Creating an auth token, as an app's server does. */
  token: {
    path: "/v3/users/superhero1/auth_tokens",
    headers: {
      appid: "emulator-app",
      apikey: "emulator-rest-api-key",
      "content-type": "application/json",
    },
    body: "{}",
    read: (response) => response.data.authToken,
  },
  ready: "/v3/users/superhero1",
  readyHeaders: { appid: "emulator-app", apikey: "emulator-rest-api-key" },
};

const OUR_OPTIONS = ["--log", "off", "--core-limit", "0", "--standard-limit", "0", "--port"];

const EMULATE = {
  /** A token by client credentials: random text that is kept, as ours. */
  token: {
    path: "/oauth2/default/v1/token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials&client_id=okta-test-client&client_secret=okta-test-secret&scope=openid",
    read: (response) => response.access_token,
  },
  ready: "/oauth2/default/.well-known/openid-configuration",
  readyHeaders: {},
};

/** Who is compared. The port follows the arguments of a command. */
export function subjects() {
  const native = setting("CCA_EMULATOR_RELEASE");
  const npm = setting("CCA_EMULATOR_NPM");
  const emulate = folder("node_modules/emulate/dist/index.js");
  const node = nodeForEmulate();
  return [
    { name: "cometchat-emulator, native", command: [native, ...OUR_OPTIONS], ...OURS },
    { name: "cometchat-emulator, npm", command: [node, npm, ...OUR_OPTIONS], ...OURS },
    {
      name: "emulate 0.12.2, okta alone",
      command: [node, emulate, "start", "--service", "okta", "--port"],
      ...EMULATE,
    },
  ];
}

/**
 * Sends one request.
 *
 * @returns {Promise<{status: number, text: string}>}
 */
export function send(agent, port, { method = "GET", path, headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: "127.0.0.1", port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/**
 * Starts an emulator and waits for its first response.
 *
 * @returns {Promise<{port: number, startMs: number, stop: () => Promise<void>}>}
 */
export async function start(subject) {
  const port = await freePort();
  const [program, ...args] = subject.command;
  const began = performance.now();
  const child = spawn(program, [...args, String(port)], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const agent = new Agent({ keepAlive: false });
  while (performance.now() - began < 30_000 && child.exitCode === null) {
    const wanted = { path: subject.ready, headers: subject.readyHeaders };
    const response = await send(agent, port, wanted).catch(() => undefined);
    if (response?.status === 200) return { port, startMs: performance.now() - began, stop };
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await stop();
  throw new Error(`${subject.name} did not start`);
}
