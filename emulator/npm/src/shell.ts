/** The way of a request through the core, from a connection or from a call in this process. */
import { Core, type CoreOptions, type CoreResponse, type Admission, type Head } from "./core.js";
import { dashboardFile } from "./dashboard.js";

/** A request whose body is read on demand. */
export interface Incoming {
  head: Head;
  /** Reads at most `most` bytes; `undefined` if there are more than `kept`, or if it fails. */
  read(kept: number, most: number): Promise<Uint8Array | undefined>;
  /** Aborts when the client disconnects. */
  gone: AbortSignal;
}

/** The outcome of a request. */
export type Outcome =
  | { kind: "send"; response: CoreResponse }
  | { kind: "drop" }
  | { kind: "open"; socket: number; deadline: number };

/** A line of the log. */
export interface LogLine {
  method: string;
  path: string;
  status: number;
  app: string;
  code: string;
  ms: number;
  fault: number | null;
}

/** Events that the shell reports to its observer. */
export interface Watcher {
  request?(line: LogLine): void;
  warn?(text: string): void;
}

/** The emulator in this process. */
export class Shell {
  readonly core: Core;
  /** Aborts when the emulator stops. */
  readonly stopping = new AbortController();
  private readonly sockets = new Set<() => void>();
  private readonly waiters = new Set<() => void>();
  private sessions = 0;
  private journal = 0;

  constructor(
    options: CoreOptions,
    url: string,
    private readonly watcher: Watcher = {},
  ) {
    this.core = new Core(options, url);
  }

  /** Calls back when a session may have ended. Returns the function that unsubscribes. */
  onSessions(check: () => void): () => void {
    this.sockets.add(check);
    return () => this.sockets.delete(check);
  }

  /** Notifies web sockets and waiting calls of changes. Call it after each call of the core. */
  notify(): void {
    const [sessions, journal] = [this.core.sessionsRevision(), this.core.journalRevision()];
    if (sessions !== this.sessions) {
      this.sessions = sessions;
      for (const check of [...this.sockets]) check();
    }
    if (journal !== this.journal) {
      this.journal = journal;
      for (const wake of [...this.waiters]) wake();
    }
  }

  /** Answers a request. */
  async respond(incoming: Incoming): Promise<Outcome> {
    const admission: Admission = this.core.admit(incoming.head);
    switch (admission.destination) {
      case "none":
        this.watcher.warn?.(admission.log);
        return { kind: "send", response: admission.response };
      case "control":
        return this.control(incoming);
      case "dashboard": {
        const response = await dashboardFile(admission.path);
        return response === undefined ? this.serve(incoming) : { kind: "send", response };
      }
      case "service":
        return this.serve(incoming);
    }
  }

  private async control(incoming: Incoming): Promise<Outcome> {
    const { controlBody } = this.core.bounds;
    const body = await this.read(incoming, controlBody, controlBody);
    if (body === "slow") return { kind: "send", response: this.slowBody() };
    let deadline: number | undefined;
    for (;;) {
      const waited = deadline !== undefined && performance.now() >= deadline;
      const answer = this.core.control(incoming.head, body, waited);
      this.notify();
      if ("response" in answer) return { kind: "send", response: answer.response };
      deadline ??= performance.now() + answer.wait;
      if (this.stopping.signal.aborted || incoming.gone.aborted) deadline = performance.now();
      else await this.journalChange(deadline - performance.now(), incoming.gone);
    }
  }

  /** Resolves when the journal changes, the time is over, or the client disconnects. */
  private async journalChange(ms: number, gone: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = (): void => {
      woken.abort();
    };
    this.waiters.add(wake);
    await pause(Math.max(0, ms), woken.signal, gone, this.stopping.signal);
    this.waiters.delete(wake);
  }

  private async serve(incoming: Incoming): Promise<Outcome> {
    const started = performance.now();
    const { bodyKept, bodyRead } = this.core.bounds;
    const body = await this.read(incoming, bodyKept, bodyRead);
    if (body === "slow") return { kind: "send", response: this.slowBody() };
    const exchange = this.core.begin(incoming.head, body);
    this.notify();
    const ends = [this.stopping.signal, incoming.gone];
    if (exchange.delayMs > 0) await pause(exchange.delayMs, ...ends);
    const ended = ends.some((end) => end.aborted);
    const plan = ended ? ({ do: "drop" } as const) : this.core.serve(exchange.id);
    this.notify();
    if (plan.do === "hang") await pause(undefined, ...ends);
    const status = plan.do === "send" ? plan.response.status : plan.do === "open" ? 101 : undefined;
    const ms = Math.round(performance.now() - started);
    const outcome = plan.do === "hang" ? "hung" : plan.do === "open" ? "answered" : "dropped";
    this.core.finish(exchange.id, status, outcome, ms);
    this.notify();
    const sent = plan.do === "send" ? plan : undefined;
    this.watcher.request?.({
      method: incoming.head.method,
      path: exchange.path,
      status: status ?? 0,
      app: sent?.app ?? "-",
      code: sent?.code ?? "-",
      ms,
      fault: exchange.fault,
    });
    switch (plan.do) {
      case "send":
        return { kind: "send", response: plan.response };
      case "open":
        return { kind: "open", socket: plan.socket, deadline: plan.deadline };
      case "drop":
      case "hang":
        return { kind: "drop" };
    }
  }

  private async read(
    incoming: Incoming,
    kept: number,
    most: number,
  ): Promise<Uint8Array | undefined | "slow"> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"slow">((resolve) => {
      timer = setTimeout(resolve, this.core.bounds.bodyMs, "slow");
    });
    try {
      return await Promise.race([incoming.read(kept, most), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private slowBody(): CoreResponse {
    const seconds = String(this.core.bounds.bodyMs / 1000);
    const message = `The request body did not arrive within ${seconds} seconds. Send it faster.`;
    return {
      status: 408,
      headers: [
        ["content-type", "application/json"],
        ["access-control-allow-origin", "*"],
        ["connection", "close"],
      ],
      steps: [{ text: JSON.stringify({ error: { code: "EMULATOR_SLOW_BODY", message } }) }],
      length: null,
    };
  }
}

/** Waits for so many milliseconds (for ever if left out), or until one of the signals aborts. */
export async function pause(ms: number | undefined, ...signals: AbortSignal[]): Promise<void> {
  if (signals.some((signal) => signal.aborted)) return;
  let timer: NodeJS.Timeout | undefined;
  let wake = (): void => undefined;
  await new Promise<void>((resolve) => {
    wake = resolve;
    if (ms !== undefined) timer = setTimeout(wake, ms);
    for (const signal of signals) signal.addEventListener("abort", wake);
  });
  clearTimeout(timer);
  for (const signal of signals) signal.removeEventListener("abort", wake);
}
