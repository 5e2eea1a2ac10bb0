/**
 * The emulator of a test file. It is this package, or the native program that
 * `EMULATOR_UNDER_TEST` names.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, afterEach, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { start } from "../shell.mjs";

/** The options of a test. */
export const TEST = { timeout: 30_000 };

/** The header with the REST API key of the default app. */
export const KEY = { apikey: "emulator-rest-api-key" };

/** A fault rule's match for `GET me`. */
export const ME = { match: { method: "GET", path: "/me$" } };

/** The methods and paths of journal entries. */
export const paths = (entries) => entries.map(({ method, path }) => `${method} ${path}`);

/** Starts one emulator for the test file, resets it after each test and stops it at the end. */
export function useEmulator() {
  const emulator = {};
  before(async () => Object.assign(emulator, await start()));
  afterEach(() => emulator.control("POST", "reset"));
  after(async () => {
    assert.equal(await emulator.stop(), 0);
  });

  /** The entries of the journal. */
  const requests = (query = "") => emulator.control("GET", `requests${query}`);

  /** Sends bytes and returns the bytes that arrive until the connection ends. */
  function raw(text) {
    const { port } = new URL(emulator.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), "127.0.0.1");
      let answer = "";
      socket.on("data", (data) => (answer += data));
      socket.on("close", () => resolve(answer));
      socket.on("error", (error) =>
        error.code === "ECONNRESET" ? resolve(answer) : reject(error),
      );
      socket.write(text);
    });
  }

  /** Opens a web socket. `next` returns its frames in order, `say` sends one. */
  async function open(options = {}) {
    const socket = new WebSocket(emulator.url.replace("http:", "ws:"), options);
    const frames = [];
    const closed = new Promise((resolve) =>
      socket.on("close", (code, reason) => resolve([code, reason.toString()])),
    );
    socket.on("message", (data) => frames.push(JSON.parse(data.toString())));
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    const next = async () => {
      while (frames.length === 0) await sleep(5);
      return frames.shift();
    };
    return { socket, next, closed, say: (frame) => socket.send(JSON.stringify(frame)) };
  }

  return { emulator, requests, raw, open };
}
