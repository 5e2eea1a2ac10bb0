/**
 * Starts the emulator under test: the program `EMULATOR_UNDER_TEST`, or the command of this
 * package.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const OWN = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const NATIVE = process.env.EMULATOR_UNDER_TEST;

/** Which shell is under test: "native" or "node". */
export const SHELL = NATIVE === undefined ? "node" : "native";

/** The program and its first arguments. */
export const PROGRAM = NATIVE === undefined ? [process.execPath, OWN] : [NATIVE];

/** Runs the program to its end. */
export async function run(args, options = {}) {
  const [program, ...first] = PROGRAM;
  const child = spawn(program, [...first, ...args], options);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => (output.stdout += data));
  child.stderr.on("data", (data) => (output.stderr += data));
  const [code] = await once(child, "close");
  return { code, ...output };
}

/** Starts it on a free port. */
export async function start(...args) {
  const [program, ...first] = PROGRAM;
  const child = spawn(program, [...first, "--port", "0", "--log", "off", ...args]);
  let errors = "";
  child.stderr.on("data", (data) => (errors += data));
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, "line").then(([line]) => line),
    once(child, "exit").then(() => undefined),
  ]);
  assert.ok(line, `it did not start: ${errors}`);
  const ready = JSON.parse(line);
  const { url } = ready;
  return {
    ...ready,
    pid: child.pid,
    errors: () => errors,
    /** Asks it to end, and gives its exit code. */
    async stop() {
      child.kill("SIGTERM");
      const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
      return code;
    },
    /** A call to `/emulator/v1`: its data. */
    async control(method, path, body) {
      const { status, reply } = await this.call(method, `/emulator/v1/${path}`, {}, body);
      assert.equal(status, 200, `${method} ${path}: ${JSON.stringify(reply)}`);
      return reply.data;
    },
    /** Any call: status, headers and the JSON that came back. */
    async call(method, path, headers = {}, body = undefined) {
      const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(`${url}${path}`, { method, headers, body: text });
      const content = await response.text();
      const reply = content === "" ? undefined : JSON.parse(content);
      return { status: response.status, headers: response.headers, reply };
    },
    /** A call to the REST API of an app: its data. */
    async rest(app, method, path, body) {
      const headers = { appid: app.id ?? app.appId, apikey: app.restApiKey };
      const { status, reply } = await this.call(method, `/v3${path}`, headers, body);
      assert.equal(status, 200, `${method} ${path}: ${JSON.stringify(reply)}`);
      return reply.data;
    },
    /** Logs a user of an app in: the data of `me`. */
    async login(app, uid) {
      const { authToken } = await this.rest(app, "POST", `/users/${uid}/auth_tokens`, {});
      const headers = { appid: app.id ?? app.appId, authtoken: authToken };
      const { status, reply } = await this.call("PUT", "/v3.0/me", headers, {});
      assert.equal(status, 200, JSON.stringify(reply));
      return reply.data;
    },
  };
}
