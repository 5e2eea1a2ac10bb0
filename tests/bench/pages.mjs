/**
 * The server of the pages: HTTP/2 over TLS, every file precompressed by brotli. Each contender has
 * its own origin `https://<name>.bench.test` with `/` (its app), `/lab` (exposes its client) and
 * `/empty`.
 */
import { createHash, X509Certificate } from "node:crypto";
import { createSecureServer } from "node:http2";
import { generate } from "selfsigned";
import { brotli } from "../support/sizes.mjs";

export const DOMAIN = "bench.test";
export const originOf = ({ name }) => `https://${name}.${DOMAIN}`;

/** A page with the script only: no style, picture or icon to request. */
const page = (script) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title><link rel="icon" ` +
  `href="data:,">${script}`;

/**
 * @returns {Promise<{
 *   port: number,
 *   spki: string,
 *   serve: (
 *     contender: {name: string, published?: string},
 *     app: "start" | "lab",
 *     files: Map<string, Buffer>
 *   ) => void,
 *   stop: () => Promise<void>
 * }>}
 *   `serve`: an `index.html` among the files is the page. `spki`: the certificate that Chromium
 *   trusts
 */
export async function startPages() {
  const { private: key, cert } = await generate([{ name: "commonName", value: DOMAIN }], {
    keyType: "ec",
    curve: "P-256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: `*.${DOMAIN}` }] }],
  });
  const spki = createHash("sha256")
    .update(new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
  const pages = new Map();
  const sessions = new Set();
  const put = (host, path, type, cache, body) =>
    pages.set(`${host}${path}`, {
      body: brotli(body),
      headers: {
        "content-type": type,
        "content-encoding": "br",
        "cache-control": cache,
        vary: "accept-encoding",
      },
    });

  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    const host = request.headers[":authority"] ?? request.headers.host;
    const found = pages.get(host + request.url.split("?")[0]);
    if (!found) {
      response.writeHead(404);
      return response.end();
    }
    // These two headers allow the page to measure its own memory.
    const isolated = request.url.endsWith("?isolated")
      ? {
          "cross-origin-opener-policy": "same-origin",
          "cross-origin-embedder-policy": "require-corp",
        }
      : {};
    response.writeHead(200, { ...found.headers, "content-length": found.body.length, ...isolated });
    return response.end(found.body);
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  await new Promise((resolve, reject) =>
    server.once("error", reject).listen(0, "127.0.0.1", resolve),
  );

  return {
    port: server.address().port,
    spki,
    serve(contender, app, files) {
      const { host } = new URL(originOf(contender));
      const { "index.html": html, ...scripts } = Object.fromEntries(files);
      for (const [name, content] of Object.entries(scripts)) {
        put(
          host,
          `/${name}`,
          "text/javascript; charset=utf-8",
          "public, max-age=31536000, immutable",
          content,
        );
      }
      const tag = contender.published ? "defer" : 'type="module"';
      put(
        host,
        app === "start" ? "/" : `/${app}`,
        "text/html; charset=utf-8",
        "no-store",
        html ?? Buffer.from(page(`<script ${tag} src="/${app}.js"></script>`)),
      );
      put(host, "/empty", "text/html; charset=utf-8", "no-store", Buffer.from(page("")));
    },
    async stop() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
