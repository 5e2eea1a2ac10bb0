/** Calls to an emulator in this process or in another one. */
import type {
  ActiveFault,
  AppContent,
  AppInfo,
  FaultRule,
  JournalEntry,
  Readings,
  SeedDocument,
  SeedUser,
  User,
} from "./types.js";

/** Sends a request to an emulator. */
export type Send = (request: Request) => Promise<Response>;

/** A call that the emulator refused. */
export class EmulatorError extends Error {
  override readonly name = "EmulatorError";

  /**
   * @param message The reason.
   * @param code The `error.code` of the response.
   * @param status Its HTTP status.
   */
  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
  ) {
    super(message);
  }
}

interface Reply {
  data?: unknown;
  error?: { code?: string; message?: string };
}

/** The calls of an emulator for one app, or for all. */
abstract class Client {
  /** @internal */
  constructor(protected readonly send: Send) {}

  /** The address of the emulator, the app, and its keys. */
  abstract readonly info: AppInfo;

  /** The app that calls of the control API are limited to. */
  protected abstract readonly scope: string | undefined;

  /** The address for clients, without a slash at the end. */
  get url(): string {
    return this.info.url;
  }

  get appId(): string {
    return this.info.appId;
  }

  get region(): string {
    return this.info.region;
  }

  get authKey(): string {
    return this.info.authKey;
  }

  get restApiKey(): string {
    return this.info.restApiKey;
  }

  /** Creates a user of the app. A uid alone is also its name. */
  async createUser(user: SeedUser | string): Promise<User> {
    const body = typeof user === "string" ? { uid: user, name: user } : user;
    return (await this.rest("POST", "/users", body)) as User;
  }

  /** Creates an auth token for a user of the app. */
  async createAuthToken(uid: string): Promise<string> {
    const path = `/users/${segment(uid)}/auth_tokens`;
    const token = (await this.rest("POST", path, {})) as { authToken: string };
    return token.authToken;
  }

  /** Revokes all auth tokens of a user of the app. */
  async revoke(uid: string): Promise<void> {
    await this.rest("DELETE", `/users/${segment(uid)}/auth_tokens`);
  }

  /** Adds a fault rule. */
  async fault(rule: FaultRule): Promise<ActiveFault> {
    return (await this.control("POST", "faults", rule)) as ActiveFault;
  }

  /** The fault rules. */
  async faults(): Promise<ActiveFault[]> {
    return (await this.control("GET", "faults")) as ActiveFault[];
  }

  /** Removes the fault rules. */
  async clearFaults(): Promise<void> {
    await this.control("DELETE", "faults");
  }

  /** The journal: what was asked and what came of it, oldest first. */
  async requests(filter: { after?: number } = {}): Promise<JournalEntry[]> {
    const query = filter.after === undefined ? {} : { after: String(filter.after) };
    return (await this.control("GET", "requests", undefined, query)) as JournalEntry[];
  }

  /** Empties the journal. */
  async clearRequests(): Promise<void> {
    await this.control("DELETE", "requests");
  }

  /** Sets the offset of the emulator's clock, in seconds. */
  async setClock(offsetSeconds: number): Promise<void> {
    await this.control("PUT", "clock", { offsetSeconds });
  }

  async readings(): Promise<Readings> {
    return (await this.control("GET", "readings")) as Readings;
  }

  /** Changes some of the readings. `null` restores the common value. */
  async setReadings(readings: {
    [name in keyof Readings]?: Readings[name] | null;
  }): Promise<Readings> {
    return (await this.control("PUT", "readings", readings)) as Readings;
  }

  /** The whole content as a seed document, with secrets. */
  async snapshot(): Promise<SeedDocument> {
    return (await this.control("GET", "state")) as SeedDocument;
  }

  /** Replaces the content with a snapshot. */
  async restore(snapshot: SeedDocument): Promise<void> {
    await this.control("PUT", "state", snapshot);
  }

  /** Saves a snapshot in the emulator, under a name. */
  async saveSnapshot(name: string): Promise<void> {
    await this.control("PUT", `snapshots/${segment(name)}`);
  }

  /** Restores a snapshot of {@link saveSnapshot}. */
  async restoreSnapshot(name: string): Promise<void> {
    await this.control("POST", `snapshots/${segment(name)}`);
  }

  /** Restores the initial data, fault rules, journal, clock and readings. Sessions end. */
  async reset(): Promise<void> {
    await this.control("POST", "reset");
  }

  /** A call to `/emulator/v1`. */
  protected async control(
    method: string,
    path: string,
    body?: unknown,
    query: Record<string, string> = {},
  ): Promise<unknown> {
    const url = new URL(`/emulator/v1/${path}`, this.info.url);
    const scope = this.scope === undefined ? {} : { app: this.scope };
    url.search = new URLSearchParams({ ...scope, ...query }).toString();
    return this.call(url, method, {}, body);
  }

  /** A call to the service's REST API, with the REST API key of the app. */
  private rest(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = { appid: this.info.appId, apikey: this.info.restApiKey };
    return this.call(new URL(`/v3${path}`, this.info.url), method, headers, body);
  }

  private async call(
    url: URL,
    method: string,
    headers: Record<string, string>,
    body: unknown,
  ): Promise<unknown> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const own = { "content-type": "application/json", "x-emulator-client": "cometchat-emulator" };
    const request = new Request(url, { method, headers: { ...own, ...headers }, ...text });
    const response = await this.send(request);
    const reply = (await response.json()) as Reply;
    if (!response.ok) {
      const { code = "", message = `HTTP ${String(response.status)}` } = reply.error ?? {};
      throw new EmulatorError(message, code, response.status);
    }
    return reply.data;
  }
}

/** One app of an emulator. Its calls do not affect other apps. */
export class App extends Client {
  protected readonly scope: string;

  /** @internal */
  constructor(
    send: Send,
    readonly info: AppInfo,
  ) {
    super(send);
    this.scope = info.appId;
  }

  /** Removes the app with its content. */
  async remove(): Promise<void> {
    const url = new URL(`/emulator/v1/apps/${segment(this.appId)}`, this.url);
    await this.send(new Request(url, { method: "DELETE" }));
  }
}

/** An emulator. Users and tokens belong to its default app, other calls affect all apps. */
export class EmulatorClient extends Client {
  protected readonly scope = undefined;

  /** @internal */
  constructor(
    send: Send,
    readonly info: AppInfo,
  ) {
    super(send);
  }

  /** Creates a fresh app with keys of its own. */
  async createApp(content: AppContent & { id?: string } = {}): Promise<App> {
    return this.app((await this.control("POST", "apps", content)) as ShownApp);
  }

  /** All apps. */
  async apps(): Promise<App[]> {
    const apps = (await this.control("GET", "apps")) as ShownApp[];
    return apps.map((app) => this.app(app));
  }

  /** Adds a seed document. */
  async seed(document: SeedDocument): Promise<void> {
    await this.control("POST", "seed", document);
  }

  private app(shown: ShownApp): App {
    const { id, region, authKey, restApiKey } = shown;
    return new App(this.send, { url: this.url, appId: id, region, authKey, restApiKey });
  }
}

interface ShownApp {
  id: string;
  isDefault: boolean;
  region: string;
  authKey: string;
  restApiKey: string;
}

/**
 * Connects to an emulator in another process, native or Node.
 * @param url Its address; `COMETCHAT_EMULATOR_URL` of the environment if left out.
 */
export async function connectEmulator(
  url: string | undefined = process.env["COMETCHAT_EMULATOR_URL"],
): Promise<EmulatorClient> {
  if (url === undefined) {
    throw new TypeError(
      "There is no emulator to connect to. Pass its address, or set COMETCHAT_EMULATOR_URL.",
    );
  }
  const response = await fetch(new URL("/emulator/v1/apps", url));
  const { data } = (await response.json()) as { data: ShownApp[] };
  const app = data.find(({ isDefault }) => isDefault);
  if (app === undefined) {
    throw new TypeError(`The emulator at ${url} has no default app.`);
  }
  const { id, region, authKey, restApiKey } = app;
  const address = new URL(url).origin;
  return new EmulatorClient((request) => fetch(request), {
    url: address,
    appId: id,
    region,
    authKey,
    restApiKey,
  });
}

/** Encodes a path segment. `.` and `..` would lead to another path. */
function segment(text: string): string {
  if (text === "." || text === "..") {
    throw new TypeError(`"${text}" is not an id.`);
  }
  return encodeURIComponent(text);
}
