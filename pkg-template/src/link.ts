/** The link to the Rust part: loads it when it is first needed, hands calls in, settles promises, and holds on when it breaks. Decides nothing. */
import { CometChatException, exception } from "./exception.js";
import { Call, Form, Message, type Query } from "./generated/boundary.js";
import { NAMES, TEXTS } from "./generated/rows.js";
import type { Core, Load } from "./instance.js";
import type { LoginHandlers } from "./listener.js";
import type { TokenProvider } from "./provider.js";
import type { Logger } from "./settings.js";
import { profile, User, type UserObj } from "./user.js";

/** How long the Rust part may take to load, in milliseconds. */
const LOADING_MS = 30_000;
/** How much later than the Rust part's own deadline the watchdog bites, in milliseconds. */
const WATCHDOG_MS = 1_000;

interface Pending {
  what: Call;
  /** Ends the call: rejects with an exception, resolves with anything else. */
  settle(made: unknown): void;
  /** The core's timer runs: the watchdog stands behind it. */
  watch(ms: number): void;
  /** Where a login finds its auth token when it needs one. */
  provider: TokenProvider | undefined;
}

/** What stands beside the arguments of a call: the user is handed over as it is, of a provider that there is one, of a signal whether it has gone off. */
export interface Beside {
  user?: unknown;
  signal?: AbortSignal | undefined;
  provider?: TokenProvider | undefined;
}

type Step = (core: Core) => void;

const pending = new Map<number, Pending>();
export const listeners = new Map<string, LoginHandlers>();
const warned = new Set<string>();
let changed = (): void => undefined;
let part: (() => Promise<{ load: Load }>) | undefined;
let queue: Step[] | undefined;
let core: Core | undefined;
/** How many instances have been given up: their memory may be half written, so the next one has to be another. */
let broken = 0;
let calls = 0;
/** The `init` under way, 0 for none, and the arguments of the last one. */
let gate = 0;
let settings: string | undefined;
let timeout = 10_000;
let logger: Logger | undefined;
/** The session's user as last told, in pieces: every object in it, where the one stands that holds it, and under which name. Nobody gets to see these. */
let told: [piece: object, holder: number, name: string][] = [];

const report: Logger = (level, message, cause) => {
  try {
    if (logger) logger(level, message, cause);
    else console[level](`cometchat-auth: ${message}`, ...(cause === undefined ? [] : [cause]));
  } catch {
    // A logger that throws has nobody to tell.
  }
};

/** The listeners' methods, by the message. */
const EVENTS = {
  [Message.LoginSuccess]: "loginSuccess",
  [Message.LoginFailure]: "loginFailure",
  [Message.LogoutSuccess]: "logoutSuccess",
  [Message.LogoutFailure]: "logoutFailure",
} as const;

/** What the Rust part calls. */
const host = {
  tell(message: Message, id: number, form: Form, text: string): void {
    if (message === Message.Warn) {
      if (!warned.has(text)) report("warn", text);
      warned.add(text);
    } else if (message === Message.SessionChanged) {
      told = pieces(JSON.parse(text));
      changed();
    } else if (message === Message.Settle) {
      // First: if this should throw, the watchdog still holds the call.
      const made = make(form, text);
      pending.get(id)?.settle(made);
    } else if (message === Message.LogoutSuccess) announce("logoutSuccess", () => []);
    else if (message === Message.LoginSuccess) announce("loginSuccess", () => [make(form, text)]);
  },
  fail(
    message: Message,
    id: number,
    code: number,
    subject: string,
    text: string,
    details: string,
    status: number,
    retryable: boolean,
    retryAfter: number,
    cause: unknown,
  ): void {
    const made = () => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(details) || undefined;
      } catch {
        // None.
      }
      const own = code >= 0;
      return exception(
        own ? NAMES.split(" ")[code] : subject,
        own ? (subject ? `${subject}: ${TEXTS[code]}` : TEXTS[code]) : text,
        {
          ...(own ? {} : { name: undefined }),
          retryable,
          cause,
          details: parsed,
          status: status || undefined,
          retryAfter: retryAfter || undefined,
        },
      );
    };
    if (message === Message.Settle) pending.get(id)?.settle(made());
    else announce(EVENTS[message as keyof typeof EVENTS], () => [made()]);
  },
  askProvider(request: number, call: number): void {
    void ask(request, call);
  },
  watch(call: number, ms: number): void {
    pending.get(call)?.watch(ms);
  },
  canonical(text: string): string {
    return JSON.stringify(JSON.parse(text));
  },
};

/** Tells every listener, each with an object of its own. */
function announce(event: keyof LoginHandlers, made: () => unknown[]): void {
  for (const [id, listener] of [...listeners]) {
    if (listeners.get(id) !== listener) continue;
    const hear = async () =>
      (listener[event] as ((...args: unknown[]) => unknown) | undefined)?.call(listener, ...made());
    hear().catch((error: unknown) =>
      report("error", `The login listener "${id}" failed in ${event}.`, error),
    );
  }
}

/**
 * From now on the Rust part comes from here; `unless` somebody said so before. Returns what it is given, so that the bundler keeps the call for whoever
 * uses that.
 */
export function loadWith<T>(api: T, other: typeof part, unless?: boolean): T {
  if (!unless || !part) part = other;
  return api;
}

/** Calls back (one only) whenever somebody else may be logged in than before, or the same with other data. */
export function observe(observer: () => void): void {
  changed = observer;
}

/** Asks the token provider of a call; whatever goes wrong there is the cause of what all who wait for it are told. */
async function ask(id: number, of: number): Promise<void> {
  const provider = pending.get(of)?.provider;
  const then = broken;
  let token: unknown;
  let failure: unknown;
  try {
    // Not from within the Rust part, which would come back to the answer later.
    await 0;
    token = await provider?.();
  } catch (error) {
    failure = error;
  }
  // An instance that has been given up asks for nothing any more, and the next one has other numbers.
  if (then !== broken) return;
  enter((core) => {
    core.call(Call.Token, id, 0, typeof token === "string" ? token : "", failure);
  });
}

/** Takes a user apart; null has no pieces. */
function pieces(value: UserObj | null): typeof told {
  const all: typeof told = value ? [[new User(value), 0, ""]] : [];
  for (const [at, [piece]] of all.entries()) {
    for (const [name, inner] of Object.entries(piece))
      if (inner && typeof inner === "object") all.push([inner, at, name]);
  }
  return all;
}

/** The user told last, a copy through and through: in a third of the time that JSON takes to read, and however deep the metadata is. */
function toldUser(): User | null {
  const copies: Record<string, unknown>[] = [];
  for (const [piece, holder, name] of told) {
    const copy: object =
      piece instanceof User
        ? new User(piece as object)
        : Array.isArray(piece)
          ? [...piece]
          : { ...piece };
    if (copies.push(copy as Record<string, unknown>) > 1) copies[holder]![name] = copy;
  }
  return (copies[0] as unknown as User) ?? null;
}

/** The value as JavaScript has it: an object of its own each time. */
function make(form: Form, text: string): unknown {
  if (form === Form.User) return toldUser();
  const value = JSON.parse(text);
  return form === Form.Profile ? profile(value) : value;
}

/** The arguments by name as Rust takes them: texts, numbers as texts, and of objects and functions nothing, which counts as not given. */
function written(args: Record<string, unknown>, { user, provider }: Beside): string {
  for (const name in args) {
    const value = args[name];
    if (typeof value === "number" || typeof value === "bigint") args[name] = String(value);
    else if (typeof value === "object" || typeof value === "function") delete args[name];
  }
  return JSON.stringify({
    ...args,
    user,
    plain: user instanceof User ? undefined : 1,
    provider: provider && 1,
  });
}

/**
 * A call of the API: its promise settles, whatever happens (rule B1): if not by the Rust part, when its time is long over. The arguments are taken down at
 * once; those that cannot be read (a getter that throws) are none.
 */
export function call<T>(
  what: Call,
  args?: () => Record<string, unknown>,
  beside: Beside = {},
): Promise<T> {
  let given = '{"count":"0"}';
  try {
    given = args ? written(args(), beside) : "";
  } catch {
    // As said.
  }
  const { signal, provider } = beside;
  const id = ++calls;
  const waitsFor = gate;
  if (what === Call.Init) gate = id;
  return new Promise<T>((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = () => enter((core) => core.call(Call.Abort, id, 0, "", signal?.reason));
    const heed = (how: "addEventListener" | "removeEventListener") => {
      try {
        signal?.[how]("abort", leave);
      } catch {
        // A signal of the page's making that cannot be heard, or not left.
      }
    };
    const settle = (made: unknown) => {
      pending.delete(id);
      if (id === gate) gate = 0;
      clearTimeout(timer);
      heed("removeEventListener");
      if (made instanceof CometChatException) return reject(made);
      if (what === Call.Init) {
        // Now that it has succeeded, and only then: the calls behind it in the queue are watched by it, and a trap begins with it again.
        settings = given;
        // As it was understood there: what is no number or text counts as not given.
        timeout = Number(JSON.parse(given).requestTimeout ?? 10_000);
      }
      resolve(made as T);
      if (what !== Call.LoggedInUser) changed();
    };
    const watch = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(
        () =>
          breakDown(
            "The call did not end in time. The call was given up; the next call starts afresh.",
          ),
        ms + WATCHDOG_MS,
      );
    };
    pending.set(id, { what, settle, watch, provider });
    enter((core) => {
      watch(timeout);
      const aborted = signal?.aborted;
      core.call(
        what,
        id,
        waitsFor,
        aborted ? '{"aborted":1}' : given,
        aborted ? signal.reason : undefined,
      );
      if (pending.has(id)) heed("addEventListener");
    });
  });
}

/** Takes a step in the Rust part: at once if it is there, else in order when it is. */
function enter(step: Step): void {
  if (core) return run(step);
  if (!queue) {
    queue = [begin];
    load().then(
      (loaded) => {
        core = loaded;
        const steps = queue!;
        queue = undefined;
        steps.forEach(run);
      },
      (error: unknown) => {
        queue = undefined;
        settleAll(
          "The WebAssembly part could not be loaded. Check that all files are served, and that a Content-Security-Policy has 'wasm-unsafe-eval'.",
          error,
        );
      },
    );
  }
  queue.push(step);
}

function load(): Promise<Core> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, LOADING_MS);
    part!()
      .then(({ load }) => load(broken > 0))
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}

/** The first step of an instance. After a trap: the same app again; the session comes back from the disk. */
function begin(core: Core): void {
  core.start(host);
  if (broken && settings) core.call(Call.Init, ++calls, 0, settings, undefined);
}

/** Takes a step, unless the one before has broken the instance. */
function run(step: Step): void {
  try {
    if (core) step(core);
  } catch (error) {
    breakDown(
      "The WebAssembly part failed. The call was given up; the next call starts afresh.",
      error,
    );
  }
}

/** Gives the instance up: nothing of it commits any more, every promise is settled, the next call makes a new one. */
function breakDown(message: string, cause?: unknown): void {
  const last = core;
  core = undefined;
  broken++;
  told = [];
  // First, or the end of the instance would settle them as calls that the page gave up.
  settleAll(message, cause);
  try {
    last?.call(Call.Dispose, 0, 0, "", undefined);
  } catch {
    // It has trapped: it does nothing any more.
  }
}

/** Rejects all calls, each with an error of its own. Of several logins all but one have joined: one event (rule B25). */
function settleAll(message: string, cause: unknown): void {
  const internal = () => exception("INTERNAL_ERROR", message, { retryable: true, cause });
  let login: boolean | undefined;
  for (const { what, settle } of [...pending.values()]) {
    settle(internal());
    login ||= what === Call.Login;
  }
  if (login) announce("loginFailure", () => [internal()]);
}

/** What the Rust part knows at this moment; null where there is nothing, as before it is loaded. */
export function fact(what: Query): string | null {
  let answer: string | undefined;
  run((core) => (answer = core.ask(what) as string | undefined));
  return answer || null;
}

/** Who is told what otherwise the console says. */
export function setLogger(other: Logger | undefined): void {
  logger = other;
}

/** Ends listeners, then calls. */
export function dispose(): void {
  listeners.clear();
  settings = undefined;
  if (core || queue) enter((core) => core.call(Call.Dispose, 0, 0, "", undefined));
  changed();
}
