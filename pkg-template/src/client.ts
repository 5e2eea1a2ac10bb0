import { decode, decodeFailure, encode } from "./codec.js";
import { exception, isCometChatException, type CometChatException } from "./exception.js";
import { Call, Message, type Query } from "./generated/boundary.js";
import type { Host } from "./host.js";
import type { Core } from "./instance.js";
import { canonical } from "./json.js";
import { Listeners } from "./listeners.js";
import { Loader } from "./loader.js";
import { each, member, ownProperties } from "./own.js";
import { PendingCall, type Signal } from "./pending-call.js";
import type { TokenProvider } from "./provider.js";
import { Session } from "./session-store.js";
import type { Logger } from "./settings.js";
import { UserCache } from "./user-cache.js";

/** How much later than the core's own deadline the watchdog fires, in milliseconds. */
const WATCHDOG_MS = 1_000;
/** The request timeout if none is set, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** What a call hands over. */
export interface Arguments {
  /** Arguments by name. */
  args: Record<string, unknown>;
  /** A user, for the calls that write one. */
  user?: unknown;
  /** Ends a login. */
  signal?: Signal | undefined;
  /** Gives a login its auth token when it needs one. */
  provider?: TokenProvider | undefined;
}

type Step = (core: Core) => void;

/**
 * Connects the public API with the core: loads it, makes calls, settles their promises, passes events on,
 * and replaces an instance of the core that has failed. It decides nothing about sessions.
 */
export class Client {
  readonly #report: Logger = (level, message, cause) => {
    try {
      if (this.#logger) this.#logger(level, message, cause);
      else if (cause === undefined) console[level](`cometchat-auth: ${message}`);
      else console[level](`cometchat-auth: ${message}`, cause);
    } catch {
      // A logger that throws has nowhere to report to.
    }
  };
  readonly listeners: Listeners = new Listeners(this.#report);
  readonly session: Session = new Session(this.#report);
  readonly loader: Loader = new Loader();
  readonly #lastUser = new UserCache();
  readonly #warned = new Set<string>();
  #logger: Logger | undefined;

  /** The calls whose promises are not settled, by id. */
  readonly #pending = new Map<number, PendingCall>();
  #lastCall = 0;
  /** The id of the `init` under way; 0 for none. */
  #pendingInit = 0;

  #core: Core | undefined;
  #host: Host | undefined;
  /** The steps that wait for the core to load. */
  #queue: Step[] | undefined;
  /** How many instances were abandoned. */
  #abandoned = 0;
  /** Whether an instance was abandoned since the core last reported the session. */
  #sessionIsStale = false;
  /** The arguments of the last `init` that succeeded, for the next instance. */
  #settings: string | undefined;
  #timeout = DEFAULT_TIMEOUT_MS;

  /**
   * Makes a call. Its promise settles, whatever happens (rule B1).
   *
   * @param read - Reads the arguments. If it throws, the call rejects with what it threw as cause.
   */
  call<T>(kind: Call, read?: () => Arguments): Promise<T> {
    const id = ++this.#lastCall;
    const gate = this.#pendingInit;
    if (kind === Call.Init) this.#pendingInit = id;
    return new Promise<T>((resolve, reject) => {
      const pending = new PendingCall(kind, resolve as (value: unknown) => void, reject);
      this.#pending.set(id, pending);
      try {
        if (read) this.#prepare(id, pending, read);
        this.#enter((core) => {
          core.call(kind, id, gate, pending.json, pending.cause);
          if (this.#pending.has(id) && !pending.watched) this.#watch(pending, this.#timeout);
        });
      } catch (error) {
        this.#take(id)?.reject(internalError("The call could not be made.", error));
      }
    });
  }

  /** Sets who gets warnings; undefined for the console. */
  setLogger(logger: unknown): void {
    this.#logger = typeof logger === "function" ? (logger as Logger) : undefined;
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
      if (provider) args.provider = this.#identify(id, pending, provider);
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

  /** The number of a provider function: the same as long as a call with it is pending. */
  #identify(id: number, pending: PendingCall, provider: TokenProvider): number {
    pending.provider = provider;
    pending.providerId = id;
    this.#pending.forEach((other) => {
      if (other !== pending && other.provider === provider) pending.providerId = other.providerId;
    });
    return pending.providerId;
  }

  /** Starts the watchdog of a call, or starts it again, later than a deadline of the core. */
  #watch(pending: PendingCall, deadline: number): void {
    pending.watch(deadline + WATCHDOG_MS, () =>
      this.#abandon("The call did not end in time. It was given up; the next call starts afresh."),
    );
  }

  /** Takes a call out of the pending ones. */
  #take(id: number): PendingCall | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (id === this.#pendingInit) this.#pendingInit = 0;
    return pending;
  }

  /** Runs a step at once if the core is loaded; otherwise in order when it is. */
  #enter(step: Step): void {
    if (this.#core) {
      this.#run(step);
      return;
    }
    if (!this.#queue) {
      this.#queue = [(core) => this.#begin(core)];
      this.loader.load(this.#abandoned > 0).then(
        (core) => {
          const queue = this.#queue ?? [];
          this.#core = core;
          this.#queue = undefined;
          each(queue, (queued) => this.#run(queued));
        },
        (error: unknown) => {
          this.#queue = undefined;
          this.#rejectAll(() => loadFailure(error));
        },
      );
    }
    this.#queue.push(step);
  }

  /** Runs a step, unless the one before has broken the instance. */
  #run(step: Step): void {
    try {
      if (this.#core) step(this.#core);
    } catch (error) {
      this.#abandon(
        "The WebAssembly failed. The call was given up; the next call starts afresh.",
        error,
      );
    }
  }

  /** The first step of an instance. After another was abandoned: the same app again. */
  #begin(core: Core): void {
    core.start((this.#host = this.#makeHost()));
    if (this.#abandoned && this.#settings)
      core.call(Call.Init, ++this.#lastCall, 0, this.#settings, undefined);
  }

  /**
   * Abandons the instance: it is not heard any more, every promise is rejected, and the next call makes
   * another instance. The session comes back from storage.
   */
  #abandon(message: string, cause?: unknown): void {
    const core = this.#core;
    const host = this.#host;
    if (host) host.tell = host.fail = host.askProvider = host.watch = () => undefined;
    const wasStale = this.#sessionIsStale;
    this.#core = undefined;
    this.#abandoned++;
    this.#sessionIsStale = true;
    this.#rejectAll(() => internalError(message, cause));
    try {
      core?.call(Call.Dispose, 0, 0, "", undefined);
    } catch {
      // It has trapped.
    }
    // At once, once: listeners have to hear if a session in memory is lost.
    if (this.#settings && !wasStale && this.session.store.get().status === "in")
      this.#enter(() => undefined);
  }

  /** Rejects all calls, each with an error of its own. Joined logins are one event (rule B25). */
  #rejectAll(makeError: () => CometChatException): void {
    const all: PendingCall[] = [];
    this.#pending.forEach((pending) => all.push(pending));
    this.#pending.clear();
    this.#pendingInit = 0;
    each(all, (pending) => pending.reject(makeError()));
    if (all.some(({ kind }) => kind === Call.Login))
      this.listeners.announce("loginFailure", () => [makeError()]);
  }

  /** What an instance of the core calls. */
  #makeHost(): Host {
    return {
      tell: (message, id, form, text) => {
        const value = (): unknown => decode(form, text, this.#lastUser);
        if (message === Message.Settle) this.#settle(id, value);
        else if (message === Message.SessionChanged) this.#sessionChanged(text);
        else if (message === Message.LoginSuccess)
          this.listeners.announce("loginSuccess", () => [value()]);
        else if (message === Message.LogoutSuccess)
          this.listeners.announce("logoutSuccess", () => []);
        else if (message === Message.Warn && !this.#warned.has(text)) {
          this.#warned.add(text);
          this.#report("warn", text);
        }
      },
      fail: (message, id, code, subject, text, details, status, retryable, retryAfter, cause) => {
        const error = (): CometChatException =>
          decodeFailure(code, subject, text, details, status, retryable, retryAfter, cause);
        if (message === Message.Settle) this.#take(id)?.reject(error());
        else if (message === Message.LoginFailure)
          this.listeners.announce("loginFailure", () => [error()]);
        else if (message === Message.LogoutFailure)
          this.listeners.announce("logoutFailure", () => [error()]);
      },
      askProvider: (request, call) => void this.#askProvider(request, call),
      watch: (call, ms) => {
        const pending = this.#pending.get(call);
        if (pending) this.#watch(pending, ms);
      },
      canonical,
    };
  }

  #settle(id: number, makeValue: () => unknown): void {
    const pending = this.#take(id);
    if (!pending) return;
    let value: unknown;
    try {
      value = makeValue();
      if (pending.kind === Call.Init) {
        this.#settings = pending.json;
        const { requestTimeout } = ownProperties(JSON.parse(pending.json));
        this.#timeout = Number(requestTimeout ?? DEFAULT_TIMEOUT_MS);
      }
    } catch (error) {
      pending.reject(internalError("The result could not be read.", error));
      return;
    }
    pending.resolve(value);
  }

  /** The session began, ended or has other data. */
  #sessionChanged(text: string): void {
    const wasStale = this.#sessionIsStale;
    const before = wasStale ? this.#lastUser.copy() : null;
    this.#sessionIsStale = false;
    if (!this.#lastUser.set(text)) return;
    const user = this.#lastUser.copy();
    this.session.set(text ? user : undefined);
    if (!wasStale) return;
    // The new instance does not know the session of the abandoned one, so it reports no events.
    const isSameUser = before?.getUid() === user?.getUid();
    if (before && !isSameUser) this.listeners.announce("logoutSuccess", () => []);
    if (user && !(isSameUser && before?.getAuthToken() === user.getAuthToken()))
      this.listeners.announce("loginSuccess", () => [this.#lastUser.copy()]);
  }

  /** Asks the token provider of a call, and hands the core what it gave or threw. */
  async #askProvider(request: number, call: number): Promise<void> {
    const provider = this.#pending.get(call)?.provider;
    const instance = this.#abandoned;
    let token: unknown;
    let failure: unknown;
    try {
      // The core must not be entered from within its own call.
      await Promise.resolve();
      token = await provider?.();
    } catch (error) {
      failure = error;
    }
    if (instance === this.#abandoned)
      this.#enter((core) =>
        core.call(Call.Token, request, 0, typeof token === "string" ? token : "", failure),
      );
  }
}

function internalError(message: string, cause: unknown): CometChatException {
  const code = "INTERNAL_ERROR";
  return exception({ code, name: code, message, retryable: true, cause });
}

/** Why the core did not load. An environment that can never load it has an exception of its own. */
function loadFailure(error: unknown): CometChatException {
  return isCometChatException(error)
    ? exception({ code: error.code, name: error.name, message: error.message })
    : internalError(
        "The WebAssembly could not be loaded. Check that all files are served, and that a Content-Security-Policy has 'wasm-unsafe-eval'.",
        error,
      );
}
