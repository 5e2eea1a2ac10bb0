/** Live data: the connection, the apps, the journal and the fault rules of one app. */
import * as control from "./api/control.ts";
import { ApiError, UNREACHABLE, messageOf } from "./api/http.ts";
import type { ActiveFault, App, EmulatorInfo, JournalEntry } from "./api/types.ts";
import { createStore, type Store } from "./store.ts";

/** The journal of the emulator keeps the same number. */
const KEPT = 1000;
/** How long the emulator may hold a request for new journal entries. */
const WAIT_MS = 20_000;
/** The pause between two reads of the journal, so that a load test does not occupy the page. */
const PAUSE_MS = 200;
const RETRY_MS = 1500;
const STATUS_MS = 2000;

export type Connection =
  | { readonly state: "connecting" | "live" }
  /** `since`: UNIX milliseconds of the last response. */
  | { readonly state: "lost"; readonly since: number }
  /** The emulator refuses the page, because it is not on this machine. */
  | { readonly state: "refused"; readonly message: string }
  /** The emulator answers with an error that the dashboard did not expect. */
  | { readonly state: "failed"; readonly message: string };

export interface LiveState {
  readonly connection: Connection;
  readonly info: EmulatorInfo | undefined;
  readonly apps: readonly App[];
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Whether the journal was read at least once. */
  readonly journalRead: boolean;
  readonly faults: readonly ActiveFault[];
  /** Grows when a request changed the app's data. */
  readonly dataVersion: number;
}

const NOTHING_YET = { entries: [], journalRead: false, faults: [] };

/** The data of an app at one moment, kept by this tab. */
export interface Snapshot {
  readonly id: number;
  readonly app: string;
  readonly name: string;
  /** UNIX milliseconds. */
  readonly at: number;
  readonly document: unknown;
}

/** Follows one emulator. */
export class Live {
  readonly store: Store<LiveState> = createStore<LiveState>({
    ...NOTHING_YET,
    connection: { state: "connecting" },
    info: undefined,
    apps: [],
    dataVersion: 0,
  });
  readonly snapshots: Store<readonly Snapshot[]> = createStore<readonly Snapshot[]>([]);
  #app: string | undefined;
  #following: AbortController | undefined;
  #lastResponse = Date.now();

  /** Starts to follow, until the page is closed. */
  start(): void {
    void this.#followStatus();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        void this.refresh();
      }
    });
  }

  /** Follows the journal and the rules of this app. */
  follow(app: string): void {
    if (app === this.#app) {
      return;
    }
    this.#app = app;
    this.#update(NOTHING_YET);
    this.#restartJournal();
    void this.refresh();
  }

  /** Reads the apps and rules now: after a change made on this page. */
  async refresh(): Promise<void> {
    const app = this.#app;
    try {
      const [info, apps] = await Promise.all([control.info(), control.apps()]);
      const known = apps.find(({ id }) => id === app);
      const faults = known ? await control.faults(known.id) : [];
      if (app !== this.#app) {
        return;
      }
      this.#succeeded();
      this.#update({ info, apps, faults });
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Tells the views that data changed. */
  dataChanged(): void {
    this.#update({ dataVersion: this.store.get().dataVersion + 1 });
    void this.refresh();
  }

  async clearJournal(): Promise<void> {
    if (this.#app !== undefined) {
      await control.clearJournal(this.#app);
      this.#update({ entries: [] });
    }
  }

  addSnapshot(app: string, document: unknown): Snapshot {
    const all = this.snapshots.get();
    const id = (all.at(-1)?.id ?? 0) + 1;
    const snapshot = { id, app, name: `Snapshot ${id}`, at: Date.now(), document };
    this.snapshots.set([...all, snapshot]);
    return snapshot;
  }

  removeSnapshot(id: number): void {
    this.snapshots.set(this.snapshots.get().filter((snapshot) => snapshot.id !== id));
  }

  async #followStatus(): Promise<void> {
    for (;;) {
      if (!document.hidden) {
        await this.refresh();
      }
      await pause(STATUS_MS);
    }
  }

  #restartJournal(): void {
    this.#following?.abort();
    this.#following = new AbortController();
    if (this.#app !== undefined) {
      void this.#followJournal(this.#app, this.#following.signal);
    }
  }

  async #followJournal(app: string, signal: AbortSignal): Promise<void> {
    let since = 0;
    let epoch: number | undefined;
    const ended = (): boolean => signal.aborted;
    while (!ended()) {
      try {
        const first = epoch === undefined;
        const query = { since, epoch, wait: first ? 0 : WAIT_MS };
        const page = await control.journal(app, query, signal);
        if (ended()) {
          return;
        }
        this.#succeeded();
        if (epoch !== undefined && epoch !== page.epoch) {
          // The journal was emptied, so the shown entries may no longer exist.
          since = 0;
          epoch = undefined;
          continue;
        }
        epoch = page.epoch;
        since = page.entries.reduce((rev, entry) => Math.max(rev, entry.rev), since);
        this.#addEntries(page.entries, first);
        await pause(PAUSE_MS);
      } catch (error) {
        if (ended()) {
          return;
        }
        this.#failed(error);
        // The next response may come from another emulator.
        since = 0;
        epoch = undefined;
        await pause(RETRY_MS);
      }
    }
  }

  #addEntries(news: readonly JournalEntry[], replace: boolean): void {
    const { entries, dataVersion } = this.store.get();
    const byId = new Map((replace ? [] : entries).map((entry) => [entry.id, entry]));
    for (const entry of news) {
      byId.set(entry.id, entry);
    }
    const all = [...byId.values()].sort((a, b) => a.id - b.id).slice(-KEPT);
    const changed = !replace && news.some(changesData);
    this.#update({
      entries: all,
      journalRead: true,
      dataVersion: changed ? dataVersion + 1 : dataVersion,
    });
  }

  #succeeded(): void {
    this.#lastResponse = Date.now();
    if (this.store.get().connection.state !== "live") {
      this.#update({ connection: { state: "live" } });
    }
  }

  #failed(error: unknown): void {
    if (error instanceof ApiError && error.code === UNREACHABLE) {
      if (this.store.get().connection.state !== "lost") {
        this.#update({ connection: { state: "lost", since: this.#lastResponse } });
      }
    } else {
      const refused = error instanceof ApiError && error.status === 403;
      const message = messageOf(error);
      this.#update({ connection: { state: refused ? "refused" : "failed", message } });
    }
  }

  #update(change: Partial<LiveState>): void {
    this.store.set({ ...this.store.get(), ...change });
  }
}

function changesData({ method, status }: JournalEntry): boolean {
  return ["POST", "PUT", "DELETE"].includes(method) && status !== null && status < 400;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
