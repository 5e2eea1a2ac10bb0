/**
 * CometChat's authentication service in this process, for development and tests.
 *
 * @example
 * const emulator = await createEmulator();
 * const token = await emulator.createAuthToken("superhero1");
 * await emulator.close();
 */
import { readFileSync } from "node:fs";
import { EmulatorClient } from "./client.js";
import type { CoreOptions, CoreResponse, Head } from "./core.js";
import { bytes, listen, type Listening, type Tls } from "./server.js";
import { pause, Shell, type Watcher } from "./shell.js";
import type { AppInfo, FaultRule, SeedDocument } from "./types.js";

export { App, connectEmulator, EmulatorClient, EmulatorError } from "./client.js";
export type { LogLine, Watcher } from "./shell.js";
export type { Tls } from "./server.js";
export type * from "./types.js";

/** The configuration of an emulator. Every option has a default that suits a test. */
export interface EmulatorOptions {
  /** The port. The default, 0, takes any free port. */
  port?: number;
  /** The address to listen on. The default is the loopback address. */
  host?: string;
  /** `false` opens no port, so that only `handle` answers. */
  listen?: boolean;
  /** The app, or apps; the first is the default. */
  app?: string | string[];
  /** The region, or regions; the first is the default. */
  region?: string | string[];
  /** Seed documents, paths of seed files, or `"docs"` for the names of the documentation. */
  seed?: Seed | Seed[];
  /** Fault rules from the start. */
  faults?: FaultRule[];
  /** Whether an auth token allows only one login. */
  singleUseTokens?: boolean;
  /** Whether an auth token stays valid after a logout. */
  logoutKeepsToken?: boolean;
  /** Whether an Auth Key can only create auth tokens. */
  strictAuthKeys?: boolean;
  /** The limit of logins, user creations and deletions per minute and app; 0 means none. */
  coreLimit?: number;
  /** The limit of other requests per minute and app; 0 means none. */
  standardLimit?: number;
  /** More host names to answer to; a leading `*.` stands for any labels. */
  allowHosts?: string[];
  /** More origins whose pages may use the emulator. */
  allowOrigins?: string[];
  /** Allows other machines to use `/emulator/v1` and the dashboard. For containers. */
  openControl?: boolean;
  /** Enables TLS with this certificate. */
  tls?: Tls;
  /** Receives each request and each refused connection. */
  watch?: Watcher;
}

/** The initial content of an emulator. */
export type Seed = SeedDocument | string;

/** An emulator in this process. */
export class Emulator extends EmulatorClient {
  /** The users of the default app at the start. */
  readonly users: readonly string[];
  /** All apps at the start. */
  readonly appIds: readonly string[];

  /** @internal */
  constructor(
    private readonly shell: Shell,
    private readonly server: Listening | undefined,
    info: AppInfo,
  ) {
    super((request) => this.handle(request), info);
    const ready = shell.core.ready();
    this.users = ready.users;
    this.appIds = ready.apps;
  }

  /** The port; 0 if the emulator does not listen. */
  get port(): number {
    return this.server?.address.port ?? 0;
  }

  /**
   * Answers a request without a connection. It rejects where the emulator would close one.
   * @param request A request to any address. Host and path decide what it is for.
   * @returns The response.
   * @throws If a fault rule closes the connection, or the request opens a web socket.
   */
  async handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const headers = [...request.headers];
    if (!request.headers.has("host")) headers.unshift(["host", url.host]);
    const head: Head = {
      method: request.method,
      path: url.pathname,
      query: url.search.slice(1),
      headers,
      local: true,
    };
    const outcome = await this.shell.respond({
      head,
      gone: request.signal,
      async read(kept) {
        const body = new Uint8Array(await request.arrayBuffer());
        return body.length > kept ? undefined : body;
      },
    });
    request.signal.throwIfAborted();
    switch (outcome.kind) {
      case "send":
        return toResponse(outcome.response, request.signal, this.shell.stopping.signal);
      case "open":
        this.shell.core.socketGone(outcome.socket);
        throw new TypeError("A web socket needs a connection: start the emulator with a port.");
      case "drop":
        throw new TypeError("The emulator closed the connection.");
    }
  }

  /** Stops the emulator. In-flight requests have three seconds to end. */
  async close(): Promise<void> {
    this.shell.stopping.abort();
    await this.server?.close();
  }

  /** Stops the emulator at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Starts an emulator in this process.
 * @param options The configuration.
 * @returns The emulator, ready.
 * @throws If an option cannot be used or the port is taken. The message says what to do.
 * @example
 * const users = [{ uid: "ann", name: "Ann" }];
 * const emulator = await createEmulator({ seed: { apps: [{ id: "my-app", users }] } });
 */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { host = "127.0.0.1", port = 0, listen: listens = true, tls } = options;
  const shell = new Shell(coreOptions(options), "http://127.0.0.1", options.watch);
  const server = listens ? await listening(shell, host, port, tls) : undefined;
  const { appId, region, authKey, restApiKey } = shell.core.ready();
  const url = server === undefined ? "http://127.0.0.1" : address(server, tls !== undefined);
  shell.core.setUrl(url);
  return new Emulator(shell, server, { url, appId, region, authKey, restApiKey });
}

async function listening(
  shell: Shell,
  host: string,
  port: number,
  tls: Tls | undefined,
): Promise<Listening> {
  try {
    return await listen(shell, { host, port, tls });
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
    const reason = taken
      ? `port ${String(port)} on ${host} is taken. Stop the program that uses it, ` +
        "or choose another (0 takes any free one)."
      : `cannot listen on ${host} port ${String(port)}: ${(cause as Error).message}.`;
    throw new Error(reason, { cause });
  }
}

/** The address for clients on this machine. The unspecified address becomes the loopback one. */
function address({ address }: Listening, tls: boolean): string {
  const all = address.address === "0.0.0.0" || address.address === "::";
  const ip = all ? "127.0.0.1" : address.address;
  const host = ip.includes(":") ? `[${ip}]` : ip;
  return `${tls ? "https" : "http"}://${host}:${String(address.port)}`;
}

function coreOptions(options: EmulatorOptions): CoreOptions {
  const seeds: [string, string][] = [];
  let docs = false;
  for (const seed of list(options.seed)) {
    if (seed === "docs") docs = true;
    else if (typeof seed === "string") seeds.push([seed, readFileSync(seed, "utf8")]);
    else seeds.push(["given", JSON.stringify(seed)]);
  }
  if (options.faults !== undefined) {
    seeds.push(["given", JSON.stringify({ apps: [], faults: options.faults })]);
  }
  const names = [
    "singleUseTokens",
    "logoutKeepsToken",
    "strictAuthKeys",
    "coreLimit",
    "standardLimit",
  ] as const;
  const readings = names.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...(Object.fromEntries(readings) as CoreOptions),
    apps: list(options.app),
    regions: list(options.region),
    docs,
    seeds,
    allowHosts: [...(options.allowHosts ?? []), ...(options.host ? [options.host] : [])],
    allowOrigins: options.allowOrigins ?? [],
    openControl: options.openControl ?? false,
  };
}

function list<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function toResponse(
  { status, headers, steps, length }: CoreResponse,
  gone: AbortSignal,
  stopping: AbortSignal,
): Response {
  const all = new Headers(headers);
  if (length !== null) all.set("content-length", String(length));
  if (status === 204 || status === 304) return new Response(null, { status, headers: all });
  const ends = [gone, stopping];
  const rest = [...steps];
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (let step = rest.shift(); step !== undefined; step = rest.shift()) {
        if ("wait" in step) await pause(step.wait, ...ends);
        else if ("end" in step) {
          if (step.end === "hang") await pause(undefined, ...ends);
          controller.error(new TypeError("The emulator closed the connection."));
          return;
        } else {
          controller.enqueue(bytes(step));
          return;
        }
      }
      controller.close();
    },
  });
  return new Response(body, { status, headers: all });
}
