/** The emulator's control API, `/emulator/v1`. */
import { call, isRecord, type CallOptions } from "./http.ts";
import type {
  ActiveFault,
  App,
  Clock,
  EmulatorInfo,
  FaultRule,
  JournalEntry,
  Permissions,
  Readings,
} from "./types.ts";

async function control<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const value = await call(method, `/emulator/v1${path}`, options);
  return (isRecord(value) ? value["data"] : undefined) as T;
}

export const info = (): Promise<EmulatorInfo> => control("GET", "");

export const apps = (): Promise<readonly App[]> => control("GET", "/apps");

/** Makes an app with keys of its own and the ten test users; without an id it gets a random one. */
export const createApp = (id: string | undefined): Promise<App> =>
  control("POST", "/apps", { body: id === undefined ? {} : { id } });

export const deleteApp = (id: string): Promise<unknown> =>
  control("DELETE", `/apps/${encodeURIComponent(id)}`);

export interface JournalQuery {
  /** Only entries that are new or changed since this revision. */
  since: number;
  /** The epoch of the last response: another one ends the waiting, too. */
  epoch: number | undefined;
  /** How many milliseconds to wait for an entry. */
  wait: number;
}

export interface JournalPage {
  readonly entries: readonly JournalEntry[];
  /** Changes when the journal is emptied. */
  readonly epoch: number;
}

/** Reads the journal of an app, oldest first. */
export async function journal(
  app: string,
  query: JournalQuery,
  signal: AbortSignal,
): Promise<JournalPage> {
  const options = { query: { app, ...query }, signal };
  const value = await call("GET", "/emulator/v1/requests", options);
  const { data, epoch } = isRecord(value) ? value : {};
  return {
    entries: Array.isArray(data) ? (data as JournalEntry[]) : [],
    epoch: Number(epoch),
  };
}

export const clearJournal = (app: string): Promise<unknown> =>
  control("DELETE", "/requests", { query: { app } });

/** The rules that apply to an app: its own, and those for every app. */
export async function faults(app: string): Promise<readonly ActiveFault[]> {
  const all = await control<readonly ActiveFault[]>("GET", "/faults");
  const own = app.toLowerCase();
  return all.filter(({ match }) => (match?.app ?? own).toLowerCase() === own);
}

export const addFault = (app: string, rule: FaultRule): Promise<ActiveFault> =>
  control("POST", "/faults", { query: { app }, body: rule });

export const replaceFault = (id: number, rule: FaultRule): Promise<ActiveFault> =>
  control("PUT", `/faults/${id}`, { body: rule });

export const removeFault = (id: number): Promise<unknown> => control("DELETE", `/faults/${id}`);

export const clock = (app: string): Promise<Clock> => control("GET", "/clock", { query: { app } });

export const setClock = (app: string, offsetSeconds: number): Promise<Clock> =>
  control("PUT", "/clock", { query: { app }, body: { offsetSeconds } });

export const readings = (app: string): Promise<Readings> =>
  control("GET", "/readings", { query: { app } });

export const setReadings = (app: string, change: Partial<Readings>): Promise<Readings> =>
  control("PUT", "/readings", { query: { app }, body: change });

/** The app's data as a seed document, with its secrets. */
export const state = (app: string): Promise<unknown> =>
  control("GET", "/state", { query: { app } });

/**
 * The permissions that a role sets, from the app's document: the service's API does not return
 * them.
 */
export async function permissionsOf(app: string, role: string): Promise<Permissions> {
  const document = await state(app);
  const apps = isRecord(document) ? document["apps"] : undefined;
  const found: unknown = Array.isArray(apps) ? apps[0] : undefined;
  const roles = isRecord(found) ? found["roles"] : undefined;
  const wanted: unknown = Array.isArray(roles)
    ? roles.find((each: unknown) => isRecord(each) && each["role"] === role)
    : undefined;
  const permissions = isRecord(wanted) ? wanted["permissions"] : undefined;
  return isRecord(permissions) ? permissions : {};
}

/** Puts a document of {@link state} in place of the app's data. */
export const restore = (app: string, document: unknown): Promise<unknown> =>
  control("PUT", "/state", { query: { app }, body: document });

/** Adds a seed document. */
export const seed = (document: unknown): Promise<unknown> =>
  control("POST", "/seed", { body: document });

export const reset = (app: string): Promise<unknown> =>
  control("POST", "/reset", { query: { app } });
