/** The shell behind `node:http`: requests, web sockets, TLS and the graceful shutdown. */
import { STATUS_CODES, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { CoreResponse, Head, Step } from "./core.js";
import { pause, type Incoming, type Shell } from "./shell.js";
import { converse } from "./socket.js";

/** How long in-flight requests may continue after the emulator was stopped, in milliseconds. */
const GRACE = 3_000;

/** A certificate and its key, in PEM. */
export interface Tls {
  cert: string | Buffer;
  key: string | Buffer;
}

/** A server that listens. */
export interface Listening {
  address: AddressInfo;
  close(): Promise<void>;
}

/** Starts a server whose requests the shell answers. */
export async function listen(
  shell: Shell,
  { host, port, tls }: { host: string; port: number; tls: Tls | undefined },
): Promise<Listening> {
  const { bounds } = shell.core;
  const options = {
    headersTimeout: bounds.headerMs,
    requestTimeout: bounds.headerMs + bounds.bodyMs,
    keepAliveTimeout: bounds.headerMs,
    maxHeaderSize: bounds.headerBytes,
  };
  const server =
    tls === undefined ? createServer(options) : createTlsServer({ ...options, ...tls });
  // Node would silently drop more header fields than this, so such requests are refused.
  server.maxHeadersCount = 0;
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: bounds.frame });

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    void answer(shell, request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, rest: Buffer) => {
    socket.on("error", () => socket.destroy());
    void upgrade(shell, webSockets, request, socket, rest);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    address: server.address() as AddressInfo,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const late = new AbortController();
      const cut = pause(GRACE, late.signal).then(() => {
        if (!late.signal.aborted) server.closeAllConnections();
      });
      await closed;
      late.abort();
      await cut;
    },
  };
}

async function answer(
  shell: Shell,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => {
    // With a reason, because the default one is an error with a stack: slow for each response.
    gone.abort("closed");
  });
  if (request.rawHeaders.length / 2 > shell.core.bounds.headers) {
    response.writeHead(431, { connection: "close" }).end();
    return;
  }
  const outcome = await shell.respond(incoming(request, gone.signal));
  if (outcome.kind !== "send") {
    request.socket.destroy();
    return;
  }
  const { status, headers, steps, length } = outcome.response;
  // The rest of a body that was not read would be parsed as the next request.
  if (!request.complete) response.setHeader("connection", "close");
  for (const [name, value] of headers) response.appendHeader(name, value);
  const size = length ?? steps.reduce((sum, step) => sum + bytes(step).length, 0);
  if (status !== 204 && status !== 304) response.setHeader("content-length", size);
  response.writeHead(status);
  const ends = [gone.signal, shell.stopping.signal];
  for (const step of steps) {
    if ("wait" in step) await pause(step.wait, ...ends);
    else if ("end" in step) {
      if (step.end === "hang") await pause(undefined, ...ends);
      request.socket.destroy();
      return;
    } else response.write(bytes(step));
    if (gone.signal.aborted) return;
  }
  response.end();
}

async function upgrade(
  shell: Shell,
  webSockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  rest: Buffer,
): Promise<void> {
  const gone = new AbortController();
  socket.once("close", () => {
    gone.abort();
  });
  const outcome = await shell.respond(incoming(request, gone.signal));
  if (outcome.kind === "drop") {
    socket.destroy();
    return;
  }
  if (outcome.kind === "send") {
    socket.end(plain(outcome.response));
    return;
  }
  let opened = false;
  socket.once("close", () => {
    if (!opened) shell.core.socketGone(outcome.socket);
  });
  webSockets.handleUpgrade(request, socket, rest, (webSocket) => {
    opened = true;
    converse(shell, webSocket, outcome.socket, outcome.deadline);
  });
}

/** Writes a response to an upgrade request. Node has no response object for these. */
function plain({ status, headers, steps }: CoreResponse): Buffer {
  const body = Buffer.concat(steps.map(bytes));
  const lines = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `content-length: ${String(body.length)}`,
    "connection: close",
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);
}

/** The bytes of a step; empty for a step that waits or ends. */
export function bytes(step: Step): Buffer {
  if ("text" in step) return Buffer.from(step.text);
  if ("base64" in step) return Buffer.from(step.base64, "base64");
  return Buffer.alloc(0);
}

function incoming(request: IncomingMessage, gone: AbortSignal): Incoming {
  const address = request.socket.remoteAddress ?? "";
  const target = request.url ?? "/";
  const [path, query] = split(target);
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const [name, value] = [request.rawHeaders[at] ?? "", request.rawHeaders[at + 1] ?? ""];
    headers.push([name.toLowerCase(), value]);
  }
  const local = /^(::ffff:)?127\./.test(address) || address === "::1";
  const head: Head = { method: request.method ?? "GET", path, query, headers, local };
  return {
    head,
    gone,
    async read(kept, most) {
      const chunks: Buffer[] = [];
      let count = 0;
      try {
        for await (const chunk of request) {
          const part = chunk as Buffer;
          count += part.length;
          if (count > most) return undefined;
          if (count <= kept) chunks.push(part);
          else chunks.length = 0;
        }
      } catch {
        return undefined;
      }
      return count > kept ? undefined : Buffer.concat(chunks);
    },
  };
}

/** Path and query of a request target, as sent. */
function split(target: string): [string, string] {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target);
  const rest = origin === null ? target : target.slice(origin[0].length) || "/";
  const at = rest.indexOf("?");
  return at < 0 ? [rest, ""] : [rest.slice(0, at), rest.slice(at + 1)];
}
