/** The faults that most tests need, as switches. */
import type { ActiveFault, FaultAct, FaultMatch, FaultRule } from "../api/types.ts";

export interface Preset {
  readonly id: string;
  readonly title: string;
  /** What a client observes. */
  readonly about: string;
  readonly act: FaultAct;
}

const serviceError = (code: string, message: string): FaultAct["body"] => ({
  error: { code, message },
});

export const PRESETS: readonly Preset[] = [
  {
    id: "slow",
    title: "Slow responses",
    about: "Every response comes 3 seconds late.",
    act: { delayMs: 3000 },
  },
  {
    id: "unavailable",
    title: "Service unavailable",
    about: "503 in place of the service’s response.",
    act: { status: 503 },
  },
  {
    id: "rate-limit",
    title: "Rate limit reached",
    about: "429 with Retry-After: 7.",
    act: {
      status: 429,
      headers: { "Retry-After": "7" },
      body: serviceError("ERR_TOO_MANY_REQUESTS", "Too many requests. Please try again later."),
    },
  },
  {
    id: "token",
    title: "Auth token unknown",
    about: "401 AUTH_ERR_AUTH_TOKEN_NOT_FOUND, as after a revocation.",
    act: {
      status: 401,
      body: serviceError(
        "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
        "The auth token does not exist. Please use a valid auth token.",
      ),
    },
  },
  {
    id: "hang",
    title: "No response",
    about: "The connection stays open and silent, until the client’s timeout.",
    act: { hang: "before" },
  },
  {
    id: "drop",
    title: "Connection lost",
    about: "The connection closes before the service sees the request.",
    act: { drop: "before" },
  },
  {
    id: "response-lost",
    title: "Response lost",
    about: "The service does its work; the connection closes before the response.",
    act: { drop: "after" },
  },
  {
    id: "cut",
    title: "Response cut short",
    about: "The connection closes after 20 bytes of the body.",
    act: { truncate: 20 },
  },
  {
    id: "cors",
    title: "Blocked by CORS",
    about: "The response has no CORS headers, so the page may not read it.",
    act: { cors: false },
  },
  {
    id: "html",
    title: "HTML instead of JSON",
    about: "502 with the error page of a proxy.",
    act: {
      status: 502,
      contentType: "text/html",
      body: "<html><body><h1>502 Bad Gateway</h1></body></html>",
    },
  },
];

export type Scope = "all" | "login" | "session" | "server";

export const SCOPES: readonly (readonly [Scope, string])[] = [
  ["all", "all requests"],
  ["login", "logins (PUT /me)"],
  ["session", "the session (/me)"],
  ["server", "users and tokens (/users)"],
];

const MATCHES: Readonly<Record<Scope, FaultMatch>> = {
  all: {},
  login: { method: "PUT", path: "/me$" },
  session: { path: "/me(/|$)" },
  server: { path: "/users(/|$)" },
};

export type Times = "always" | "once";

export const TIMES: readonly (readonly [Times, string])[] = [
  ["always", "every time"],
  ["once", "once"],
];

export function ruleOf(preset: Preset, scope: Scope, times: Times): FaultRule {
  const match = MATCHES[scope];
  return {
    ...(Object.keys(match).length > 0 ? { match } : {}),
    ...(times === "once" ? { times: 1 } : {}),
    act: preset.act,
  };
}

/** The active rules with the effect of the preset, whatever requests they match. */
export function rulesOfPreset(
  preset: Preset,
  rules: readonly ActiveFault[],
): readonly ActiveFault[] {
  return rules.filter(({ act }) => canonical(act) === canonical(preset.act));
}

/** Whether a rule has affected its maximum number of requests. */
export function isSpent({ times, used }: ActiveFault): boolean {
  return times !== undefined && used >= times;
}

/** The rules that can still affect a request. */
export function inForce(rules: readonly ActiveFault[]): readonly ActiveFault[] {
  return rules.filter((rule) => !isSpent(rule));
}

/** JSON with sorted keys: equal for equal values. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
