/**
 * The proxy between the browser and the emulator: one HTTPS server on loopback for all hosts of the
 * tests. It serves the pages of `*.lab.test`, and forwards requests to the service's hosts to the
 * emulator with their Host header. It records every request, and a test can answer instead of the
 * service. Web sockets are forwarded unchanged.
 */
import { request as forward } from "node:http";
import { createServer } from "node:https";
import { connect } from "node:net";
import { pipeline } from "node:stream";
import { generate } from "selfsigned";

/** The domain of the pages. */
export const PAGES = ".lab.test";

/**
 * A received request.
 *
 * @typedef {{
 *   method: string,
 *   host: string,
 *   path: string,
 *   url: string,
 *   origin: string,
 *   preflight: boolean,
 *   headers: Record<string, string>,
 *   body: string,
 *   status: number | undefined,
 *   aborted: boolean,
 * }} Seen
 * `headers`: names in lower case. `status`: of the response, once it is sent. `aborted`: the
 * browser closed the connection before.
 *
 * @typedef {undefined | "hang" | "drop" | {
 *   status?: number,
 *   headers?: Record<string, string>,
 *   body?: string | object,
 *   until?: Promise<unknown>,
 * }} Answer
 * The answer instead of the service's: `undefined` for the service's own, no response, a closed
 * connection, or this response. With `until` and no body: the service's response after `until`.
 *
 * @typedef {{
 *   type?: string,
 *   body: string | Buffer,
 *   headers?: Record<string, string>,
 *   status?: number,
 *   until?: Promise<unknown>,
 *   early?: number,
 * }} Page
 * The response to a request of a page. With `until`: it is sent after `until`; with `early` as well:
 * its headers and that many bytes of its body are sent before.
 */

/**
 * @param {string} upstream the emulator's URL
 * @returns {Promise<{
 *   port: number,
 *   seen: Seen[],
 *   connected: string[],
 *   serve: (origin: string, path: string, page: Page) => void,
 *   rules: Map<string, (seen: Seen) => Answer>,
 *   cut: () => void,
 *   stop: () => Promise<void>,
 * }>}
 * `rules`: by the origin of the requesting page. `connected`: the host of each TLS connection.
 * `cut`: closes every connection.
 */
export async function startProxy(upstream) {
  const { private: key, cert } = await generate([{ name: "commonName", value: "lab.test" }], {
    keyType: "ec",
    curve: "P-256",
  });
  const seen = [];
  const connected = [];
  const rules = new Map();
  const pages = new Map();
  /** The open web sockets, which `closeAllConnections` does not include. */
  const sockets = new Set();

  const server = createServer({ key, cert }, async (request, response) => {
    const host = request.headers.host ?? "";
    const origin = `https://${host}`;
    if (host.endsWith(PAGES)) {
      const path = request.url.split("?")[0];
      const page = pages.get(`${origin} ${path}`) ?? pages.get(`* ${path}`);
      const early = page?.early ?? 0;
      if (!early) await page?.until;
      response.writeHead(page?.status ?? (page ? 200 : 404), {
        "Content-Type": page?.type ?? "text/html; charset=utf-8",
        ...page?.headers,
      });
      if (early) {
        response.write(page.body.slice(0, early));
        await page.until;
      }
      return response.end((page?.body ?? "").slice(early));
    }
    /** @type {Seen} */
    const record = {
      method: request.method,
      host,
      path: request.url,
      url: origin + request.url,
      origin: request.headers.origin ?? "",
      preflight: request.method === "OPTIONS",
      headers: request.headers,
      body: "",
      status: undefined,
      aborted: false,
    };
    seen.push(record);
    response.on("close", () => (record.aborted = !response.writableEnded));
    for await (const chunk of request.setEncoding("utf8")) {
      record.body += chunk;
    }
    const answer = rules.get(record.origin)?.(record);
    if (answer === "hang") {
      return undefined;
    }
    if (answer === "drop") {
      return request.socket.destroy();
    }
    if (answer?.until !== undefined) {
      await answer.until;
    }
    if (answer !== undefined && (answer.body !== undefined || answer.status !== undefined)) {
      record.status = answer.status ?? 200;
      response.writeHead(record.status, {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Retry-After",
        "Content-Type": "application/json",
        ...answer.headers,
      });
      return response.end(
        typeof answer.body === "object" ? JSON.stringify(answer.body) : answer.body,
      );
    }
    const { hostname, port } = new URL(upstream);
    const out = forward(
      { hostname, port, method: request.method, path: request.url, headers: request.headers },
      (reply) => {
        record.status = reply.statusCode;
        response.writeHead(reply.statusCode, reply.rawHeaders);
        // If one side breaks, `pipeline` destroys the other.
        pipeline(reply, response, () => {});
      },
    );
    out.on("error", () => request.socket.destroy());
    return out.end(record.body);
  });
  // Web sockets are forwarded byte by byte.
  server.on("upgrade", (request, socket, head) => {
    const { hostname, port } = new URL(upstream);
    const out = connect(Number(port), hostname, () => {
      const headers = request.rawHeaders
        .map((text, at) => text + (at % 2 === 0 ? ": " : "\r\n"))
        .join("");
      out.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers}\r\n`);
      out.write(head);
      socket.pipe(out).pipe(socket);
    });
    const end = () => (out.destroy(), socket.destroy());
    for (const side of [out, socket]) side.on("error", end);
    sockets.add(socket);
    socket.on("close", () => (out.destroy(), sockets.delete(socket)));
  });
  server.on("secureConnection", ({ servername }) => connected.push(servername));
  server.on("clientError", (_, socket) => socket.destroy());
  await new Promise((resolve, reject) =>
    server.once("error", reject).listen(0, "127.0.0.1", resolve),
  );

  return {
    port: server.address().port,
    seen,
    connected,
    rules,
    serve: (origin, path, page) => pages.set(`${origin} ${path}`, page),
    cut: () => server.closeAllConnections(),
    async stop() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
