/**
 * "Your server": the part that a login needs. It has the REST API key and returns auth tokens.
 *
 * The page sends `POST /your-server/token {"uid": "…"}` and gets `{"authToken": "…"}`. The key
 * stays in this process. It runs inside Vite (`vite` and `vite preview`), so the demo needs no
 * second server.
 *
 * A real server first checks its own session and creates a token for *that* user only. This one
 * trusts the page: acceptable for a demo on the loopback interface, wrong anywhere else.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";

/** Settings of this server. The key is secret: it is sent to the emulator and nowhere else. */
export interface YourServerOptions {
  emulatorUrl: string;
  appId: string;
  /** Empty if not configured; the page then shows what to do. */
  restApiKey: string;
}

const PATH = "/your-server/token";
/** A uid has at most 100 characters; the rest is for the JSON around it. */
const MAX_BODY_BYTES = 2048;
const EMULATOR_TIMEOUT_MS = 10_000;

/** A failure instead of a token. The page shows its `code`. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function yourServer(options: YourServerOptions): Plugin {
  const handler = tokenHandler(options);
  return {
    name: "your-server",
    configureServer(server) {
      server.middlewares.use(handler);
    },
    configurePreviewServer(server) {
      server.middlewares.use(handler);
    },
  };
}

function tokenHandler(options: YourServerOptions): Connect.NextHandleFunction {
  return (request, response, next) => {
    if (request.url?.split("?")[0] !== PATH) {
      next();
      return;
    }
    answer(request, options).then(
      (authToken) => send(response, 200, { authToken }),
      (reason: unknown) => {
        const refusal =
          reason instanceof Refusal
            ? reason
            : new Refusal(
                500,
                "YOUR_SERVER_FAILED",
                "The demo's server failed. See its terminal for the reason.",
              );
        if (refusal !== reason) {
          console.error("your-server:", hide(String(reason), options.restApiKey));
        }
        send(response, refusal.status, {
          error: { code: refusal.code, message: hide(refusal.message, options.restApiKey) },
        });
      },
    );
  };
}

async function answer(request: IncomingMessage, options: YourServerOptions): Promise<string> {
  if (request.method !== "POST") {
    throw new Refusal(
      405,
      "YOUR_SERVER_POST_ONLY",
      `Send POST ${PATH} with a JSON body {"uid": "…"}.`,
    );
  }
  // JSON only: another site's page cannot send JSON without a preflight, which fails here.
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    throw new Refusal(
      415,
      "YOUR_SERVER_JSON_ONLY",
      "Send the body as Content-Type: application/json.",
    );
  }
  const uid = uidOf(await bodyOf(request));
  if (options.restApiKey === "") {
    throw new Refusal(
      503,
      "REST_API_KEY_MISSING",
      "The demo's server has no REST API key, so it cannot create tokens. " +
        "Start it with EMULATOR_REST_API_KEY set to the key the emulator printed.",
    );
  }
  return mint(uid, options);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) {
      throw new Refusal(
        413,
        "YOUR_SERVER_BODY_TOO_LARGE",
        `The body is larger than ${MAX_BODY_BYTES} bytes. Send only a uid.`,
      );
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function uidOf(body: string): string {
  const uid = field(parse(body), "uid");
  if (typeof uid !== "string" || uid.trim() === "") {
    throw new Refusal(
      400,
      "YOUR_SERVER_UID_MISSING",
      'The body must be JSON with the uid to mint for: {"uid": "cometchat-uid-1"}.',
    );
  }
  const trimmed = uid.trim();
  if (trimmed === "." || trimmed === "..") {
    // URL parsers resolve these, even percent-encoded: the request would go to another address.
    throw new Refusal(400, "YOUR_SERVER_UID_INVALID", `"${trimmed}" cannot be a uid.`);
  }
  return trimmed;
}

/** The service's REST call: `POST /users/{uid}/auth_tokens` with the REST API key. */
async function mint(
  uid: string,
  { emulatorUrl, appId, restApiKey }: YourServerOptions,
): Promise<string> {
  let reply: Response;
  try {
    reply = await fetch(`${emulatorUrl}/v3/users/${encodeURIComponent(uid)}/auth_tokens`, {
      method: "POST",
      headers: {
        apikey: restApiKey,
        appId,
        "content-type": "application/json",
        accept: "application/json",
      },
      body: "{}",
      redirect: "error",
      signal: AbortSignal.timeout(EMULATOR_TIMEOUT_MS),
    });
  } catch {
    throw new Refusal(
      502,
      "EMULATOR_NOT_REACHED",
      `The demo's server got no response from the emulator at ${emulatorUrl}.`,
    );
  }
  const body = parse(await reply.text());
  const authToken = field(field(body, "data"), "authToken");
  if (reply.ok && typeof authToken === "string" && authToken !== "") {
    return authToken;
  }
  const error = field(body, "error");
  const code = field(error, "code");
  const message = field(error, "message");
  if (typeof code === "string" && code.startsWith("AUTH_ERR_")) {
    // The service's message quotes part of the wrong key, so the page gets the code only.
    throw new Refusal(
      reply.status,
      code,
      "The emulator refused the REST API key of the demo's server.",
    );
  }
  throw new Refusal(
    reply.ok ? 502 : reply.status,
    typeof code === "string" ? code : "EMULATOR_ANSWER_NOT_UNDERSTOOD",
    typeof message === "string"
      ? message
      : `The emulator answered ${reply.status} without a token.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** Removes the key from a message. */
function hide(text: string, secret: string): string {
  return secret === "" ? text : text.replaceAll(secret, "***");
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
