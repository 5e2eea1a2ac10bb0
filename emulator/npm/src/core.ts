/** The emulator without I/O: core and lab as WebAssembly, with types. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Emulator as Wasm, initSync } from "../core/emulator.js";

/** A request without its body. */
export interface Head {
  method: string;
  path: string;
  query: string;
  /** The headers: name in lower case, value. */
  headers: [string, string][];
  /** Whether the connection comes from this machine. */
  local: boolean;
}

/** One step of sending a body. */
export type Step =
  { text: string } | { base64: string } | { wait: number } | { end: "hang" | "cut" };

/** A response, with the steps of sending its body. */
export interface CoreResponse {
  status: number;
  headers: [string, string][];
  steps: Step[];
  /** `content-length`, if the body is not sent in one piece. */
  length: number | null;
}

/** The decision on a request: what it is for, or why it is refused. */
export type Admission =
  | { destination: "service" }
  | { destination: "control" }
  | { destination: "dashboard"; path: string }
  | { destination: "none"; response: CoreResponse; log: string };

/** What the shell does about a request, after its delay. */
export type Plan =
  | { do: "drop" }
  | { do: "hang" }
  | { do: "open"; socket: number; deadline: number }
  | { do: "send"; response: CoreResponse; app: string | null; code: string | null };

/** An in-flight request. */
export interface Exchange {
  id: number;
  delayMs: number;
  /** The path without secrets. */
  path: string;
  fault: number | null;
}

/** What the shell does about a web socket. */
export interface Reaction {
  send?: string | null;
  close?: [number, string] | null;
  gone: boolean;
  deadline?: number;
}

/** An event on a web socket. */
export type SocketEvent =
  "text" | "ping" | "binary" | "large" | "closed" | "broke" | "time" | "stopping";

/** The limits that the shell enforces. `src/lab/bounds.rs` describes them. */
export interface Bounds {
  bodyKept: number;
  bodyRead: number;
  controlBody: number;
  headerMs: number;
  bodyMs: number;
  headers: number;
  headerBytes: number;
  frame: number;
  farewellMs: number;
}

/** The configuration of the core. */
export interface CoreOptions {
  apps?: string[];
  regions?: string[];
  docs?: boolean;
  /** The name for errors, and the text of each. */
  seeds?: [string, string][];
  allowHosts?: string[];
  allowOrigins?: string[];
  openControl?: boolean;
  singleUseTokens?: boolean;
  logoutKeepsToken?: boolean;
  strictAuthKeys?: boolean;
  coreLimit?: number;
  standardLimit?: number;
}

/** The values that clients need. */
export interface Ready {
  appId: string;
  region: string;
  authKey: string;
  restApiKey: string;
  users: string[];
  apps: string[];
}

let loaded = false;

function load(): void {
  if (loaded) return;
  const file = new URL("../core/emulator_bg.wasm", import.meta.url);
  initSync({ module: new WebAssembly.Module(readFileSync(file)) });
  loaded = true;
}

/** A running emulator. */
export class Core {
  readonly bounds: Bounds;
  private readonly wasm: Wasm;

  /** @throws If an option cannot be used. The message says which, and what to do. */
  constructor(options: CoreOptions, url: string) {
    load();
    this.wasm = new Wasm(JSON.stringify(options), url, Date.now(), randomBytes(16));
    this.bounds = JSON.parse(Wasm.bounds()) as Bounds;
  }

  ready(): Ready {
    return JSON.parse(this.wasm.ready()) as Ready;
  }

  setUrl(url: string): void {
    this.wasm.setUrl(url);
  }

  admit(head: Head): Admission {
    return JSON.parse(this.wasm.admit(JSON.stringify(head))) as Admission;
  }

  /** `body` is absent if it was too large. */
  control(
    head: Head,
    body: Uint8Array | undefined,
    waited: boolean,
  ): { response: CoreResponse } | { wait: number } {
    const text = JSON.stringify(head);
    const answer = this.wasm.control(text, body, Date.now(), randomBytes(64), waited);
    return JSON.parse(answer) as { response: CoreResponse } | { wait: number };
  }

  begin(head: Head, body: Uint8Array | undefined): Exchange {
    const text = JSON.stringify(head);
    return JSON.parse(this.wasm.begin(text, body, Date.now(), randomBytes(64))) as Exchange;
  }

  serve(id: number): Plan {
    return JSON.parse(this.wasm.serve(id, Date.now())) as Plan;
  }

  finish(id: number, status: number | undefined, outcome: string, ms: number): void {
    this.wasm.finish(id, status, outcome, ms);
  }

  socketEvent(id: number, kind: SocketEvent, text = "", code = 0): Reaction {
    return JSON.parse(this.wasm.socketEvent(id, kind, text, code, Date.now())) as Reaction;
  }

  socketHasEnded(id: number): boolean {
    return this.wasm.socketHasEnded(id);
  }

  socketGone(id: number): void {
    this.wasm.socketGone(id);
  }

  sessionsRevision(): number {
    return this.wasm.sessionsRevision();
  }

  journalRevision(): number {
    return this.wasm.journalRevision();
  }
}
