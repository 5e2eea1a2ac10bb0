import { decode, decodeFailure, encode } from "./codec.js";
import { exception, isCometChatException, type CometChatException } from "./exception.js";
import { Call, Code, Message, type Query } from "./generated/boundary.js";
import type { Host } from "./host.js";
import type { Core, Load } from "./instance.js";
import { canonical } from "./json.js";
import { EVENTS } from "./listener.js";
import { Listeners } from "./listeners.js";
import {
  attempt,
  each,
  eachEntry,
  member,
  noEntries,
  ownProperties,
  removeEntry,
  type Entries,
} from "./own.js";
import { PendingCall, type Signal } from "./pending-call.js";
import type { TokenProvider } from "./provider.js";
import { Session } from "./session-store.js";
import type { Logger } from "./settings.js";
import { UserCache } from "./user-cache.js";
import { Watchdog } from "./watchdog.js";

/** How long the WebAssembly may take to load, in milliseconds. */
const LOADING_MS = 30_000;
/** How much later than the core's own deadline the watchdog fires, in milliseconds. */
const WATCHDOG_MS = 1_000;
/** The request timeout if none is set, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Returns the loader of the WebAssembly. Each entry of the package has its own. */
export type Source = () => { load: Load } | Promise<{ load: Load }>;

/** The input of a call. */
export interface Arguments {
  /** Arguments by name. */
  args: Record<string, unknown>;
  /** A user, for the calls that write one. */
  user?: unknown;
  /** Aborts a login. */
  signal?: Signal | undefined;
  /** Returns an auth token when the login needs one. */
  provider?: TokenProvider | undefined;
}

type Step = (core: Core) => void;

/**
 * Connects the public API with the core: loads it, makes calls, settles their promises, passes
 * events on, and replaces an instance of the core that has failed. It decides nothing about
 * sessions.
 */
export class Client {
  readonly #report: Logger = (level, message, cause) => {
    // A logger that throws has nowhere to report to.
    attempt(() => {
      if (this.#logger) this.#logger(level, message, cause);
      else if (cause === undefined) console[level](`cometchat-auth: ${message}`);
      else console[level](`cometchat-auth: ${message}`, cause);
    });
  };
  readonly listeners: Listeners = new Listeners(this.#report);
  readonly session: Session = new Session(this.#report);
  readonly #lastUser = new UserCache();
  readonly #warned: Entries<true> = noEntries();
  #logger: Logger | undefined;

  /** The calls whose promises are not settled, by id. */
  readonly #pending: Entries<PendingCall> = noEntries();
  #lastCall = 0;
  /** The id of the last `init`. */
  #lastInit = 0;

  #source: Source | undefined;
  #core: Core | undefined;
  #host: Host | undefined;
  /** The steps that wait for the core to load. */
  #queue: Step[] | undefined;
  /** Whether an instance was abandoned. */
  #abandoned = false;
  /** Whether an instance was abandoned since the core last reported the session. */
  #sessionIsStale = false;
  /** The arguments of the last `init` that succeeded, for the next instance. */
  #settings: string | undefined;
  #timeout = DEFAULT_TIMEOUT_MS;

  /** Sets where the core is loaded from; with `unless`, only if that was not set before. */
  loadFrom(source: Source, unless?: boolean): void {
    if (!unless || !this.#source) this.#source = source;
  }

  /** Sets the function that receives warnings; undefined for the console. */
  setLogger(logger: unknown): void {
    this.#logger = typeof logger === "function" ? (logger as Logger) : undefined;
  }

  /**
   * Makes a call. Its promise settles, whatever happens (rule B1).
   *
   * @param read - Reads the arguments. If it throws, the call rejects with what it threw as cause.
   */
  call<T>(kind: Call, read?: () => Arguments): Promise<T> {
    const id = ++this.#lastCall;
    const gate = this.#lastInit in this.#pending ? this.#lastInit : 0;
    if (kind === Call.Init) this.#lastInit = id;
    let begun = false as boolean;
    const promise = attempt(
      () =>
        new Promise<T>((resolve, reject) => {
          begun = true;
          const pending = new PendingCall(kind, resolve as (value: unknown) => void, reject, () =>
            this.#abandon("The call did not end in time."),
          );
          try {
            this.#pending[id] = pending;
            if (read) this.#prepare(id, pending, read);
            this.#enter((core) => {
              core.call(kind, id, gate, pending.json, pending.cause);
              if (id in this.#pending && !pending.watchdog.armed)
                pending.watchdog.arm(this.#timeout + WATCHDOG_MS);
            });
          } catch (error) {
            reject(internalError("The call could not be made.", error));
            removeEntry(this.#pending, id);
          }
        }),
    );
    return promise && begun ? promise : rejected("The page has replaced Promise.");
  }

  /** Asks the core for a fact; null if there is none, as before the core is loaded. */
  query(query: Query): string | null {
    let answer: string | undefined;
    this.#run((core) => (answer = core.ask(query) as string | undefined));
    return answer || null;
  }

  /** Ends listeners and subscriptions, then pending calls. */
  dispose(): void {
    this.listeners.clear();
    this.session.close();
    this.#settings = undefined;
    if (!this.#core && !this.#queue) return;
    this.#enter((core) => {
      // An `init` that was queued before has succeeded meanwhile.
      this.#settings = undefined;
      core.call(Call.Dispose, 0, 0, "", undefined);
    });
  }

  /** Reads and encodes the arguments of a call, and listens to its signal. */
  #prepare(id: number, pending: PendingCall, read: () => Arguments): void {
    try {
      const { args, user, signal, provider } = ownProperties(read()) as unknown as Arguments;
      if (provider) {
        pending.provider = provider;
        pending.providerId = id;
        eachEntry(this.#pending, (other) => {
          if (other.provider === provider) pending.providerId = other.providerId;
        });
        args.provider = pending.providerId;
      }
      const { json, cause } = encode(args, user);
      pending.json = json;
      pending.cause = cause;
      if (signal && member(signal, "aborted")) {
        pending.json = '{"aborted":"1"}';
        pending.cause = signal.reason;
      } else if (signal) {
        // Before the call: the signal may abort while the call is being made.
        pending.listen(signal, (reason) =>
          this.#enter((core) => core.call(Call.Abort, id, 0, "", reason)),
        );
      }
    } catch (error) {
      pending.json = '{"unreadable":""}';
      pending.cause = error;
    }
  }

  /** Runs a step at once if the core is loaded, else after loading, in order. */
  #enter(step: Step): void {
    if (this.#core) {
      this.#run(step);
    } else if (this.#queue) {
      this.#queue[this.#queue.length] = step;
    } else {
      this.#queue = [(core) => this.#begin(core), step];
      void this.#load(this.#queue);
    }
  }

  /** Runs a step, unless an earlier step has broken the instance. */
  #run(step: Step): void {
    try {
      if (this.#core) step(this.#core);
    } catch (error) {
      this.#abandon("The WebAssembly failed.", error);
    }
  }

  /** Loads the core, then runs the steps that wait for it. */
  async #load(queue: Step[]): Promise<void> {
    const end = (core: Core | undefined, error?: unknown): void => {
      // A core that arrives too late is ignored.
      if (queue !== this.#queue) return;
      watchdog.cancel();
      this.#core = core;
      this.#queue = undefined;
      if (core) each(queue, (queued) => this.#run(queued));
      else this.#rejectAll(() => loadFailure(error));
    };
    const watchdog = new Watchdog(() =>
      end(undefined, new Error("The WebAssembly did not arrive in 30 seconds.")),
    );
    try {
      if (typeof WebAssembly !== "object")
        throw decodeFailure(Code.WEBASSEMBLY_UNAVAILABLE, "", "", "", 0, false, 0, undefined);
      watchdog.arm(LOADING_MS);
      const { load } = await (this.#source as Source)();
      end(await load(this.#abandoned));
    } catch (error) {
      end(undefined, error);
    }
  }

  /** Starts an instance. If another was abandoned, calls `init` with the last settings. */
  #begin(core: Core): void {
    core.start((this.#host = this.#makeHost()));
    if (this.#abandoned && this.#settings)
      core.call(Call.Init, ++this.#lastCall, 0, this.#settings, undefined);
  }

  /**
   * Abandons the instance: its messages are ignored, every promise is rejected, and the next call
   * makes another instance. The session comes back from storage.
   */
  #abandon(message: string, cause?: unknown): void {
    const core = this.#core;
    const host = this.#host;
    if (host) host.tell = host.fail = host.askProvider = host.watch = () => undefined;
    const wasStale = this.#sessionIsStale;
    this.#core = this.#host = undefined;
    this.#abandoned = this.#sessionIsStale = true;
    this.#rejectAll(() =>
      internalError(`${message} Try again: the next call starts a new instance.`, cause),
    );
    // The instance may trap again.
    attempt(() => core?.call(Call.Dispose, 0, 0, "", undefined));
    // Load a new instance at once, but only once: it reports whether a session in memory is lost.
    if (this.#settings && !wasStale && this.session.store.get().status === "in")
      this.#enter(() => undefined);
  }

  /** Rejects all calls, each with its own error. Joined logins fire one event (rule B25). */
  #rejectAll(makeError: () => CometChatException): void {
    const kinds: Entries<true> = noEntries();
    eachEntry(this.#pending, (pending, id) => {
      kinds[pending.kind] = true;
      removeEntry(this.#pending, id);
      pending.settle(true, makeError());
    });
    if (kinds[Call.Login]) this.listeners.announce("loginFailure", makeError);
  }

  /** The functions that an instance of the core calls. */
  #makeHost(): Host {
    return {
      tell: (message, id, form, text = "") => {
        if (message === Message.SessionChanged) this.#sessionChanged(text);
        else if (message !== Message.Warn)
          this.#receive(message, id, false, () =>
            // `logoutSuccess` gets no user, even if the next one is logged in already.
            message === Message.LogoutSuccess ? undefined : decode(form, text, this.#lastUser),
          );
        else if (!this.#warned[text]) {
          this.#warned[text] = true;
          this.#report("warn", text);
        }
      },
      fail: (message, id, code, subject, text, details, status, retryable, retryAfter, cause) =>
        this.#receive(message, id, true, () =>
          decodeFailure(code, subject, text, details, status, retryable, retryAfter, cause),
        ),
      askProvider: (request, call) => void this.#askProvider(request, call),
      watch: (call, ms) => this.#pending[call]?.watchdog.arm(ms + WATCHDOG_MS),
      canonical,
    };
  }

  /** A call has settled, or an event has happened. */
  #receive(message: Message, id: number, failed: boolean, makeValue: () => unknown): void {
    if (message !== Message.Settle) {
      const event = EVENTS[message - Message.LoginSuccess];
      if (event) this.listeners.announce(event, makeValue);
      return;
    }
    const pending = this.#pending[id];
    if (!pending) return;
    removeEntry(this.#pending, id);
    let value: unknown;
    try {
      value = makeValue();
      if (pending.kind === Call.Init && !failed) {
        this.#settings = pending.json;
        const { requestTimeout } = ownProperties(JSON.parse(pending.json));
        this.#timeout = Number(requestTimeout ?? DEFAULT_TIMEOUT_MS);
      }
    } catch (error) {
      failed = true;
      value = internalError("The result could not be read.", error);
    }
    pending.settle(failed, value);
  }

  /** The session began, ended or has other data. */
  #sessionChanged(text: string): void {
    const wasStale = this.#sessionIsStale;
    const before = this.session.store.get().user;
    this.#sessionIsStale = false;
    if (!this.#lastUser.set(text)) return;
    const user = this.#lastUser.copy();
    this.session.set(text ? user : undefined);
    if (!wasStale) return;
    // The new instance does not know the session of the abandoned one, so it reports no events.
    if (before && before.getUid() !== user?.getUid())
      this.listeners.announce("logoutSuccess", () => undefined);
    if (user && before?.getAuthToken() !== user.getAuthToken())
      this.listeners.announce("loginSuccess", () => this.#lastUser.copy());
  }

  /** Calls the token provider of a call and passes its token or its error to the core. */
  async #askProvider(request: number, call: number): Promise<void> {
    const provider = this.#pending[call]?.provider;
    const host = this.#host;
    let token: unknown;
    let failure: unknown;
    try {
      // The core must not be entered from within its own call.
      // eslint-disable-next-line @typescript-eslint/await-thenable -- gives way to it, no more
      await undefined;
      token = await provider?.();
    } catch (error) {
      failure = error;
    }
    if (host === this.#host)
      this.#enter((core) =>
        core.call(Call.Token, request, 0, typeof token === "string" ? token : "", failure),
      );
  }
}

/** A rejected native promise, even if the page has replaced `Promise`. */
// eslint-disable-next-line @typescript-eslint/require-await -- it is what makes the promise
async function rejected(message: string): Promise<never> {
  throw internalError(message, undefined);
}

function internalError(message: string, cause: unknown): CometChatException {
  const code = "INTERNAL_ERROR";
  return exception({ code, name: code, message, retryable: true, cause });
}

/** The exception for a core that did not load. Some environments have one of their own. */
function loadFailure(error: unknown): CometChatException {
  return isCometChatException(error)
    ? exception({ code: error.code, name: error.name, message: error.message })
    : internalError(
        "The WebAssembly could not be loaded. Check that all files are served, and that a Content-Security-Policy has 'wasm-unsafe-eval'.",
        error,
      );
}
