/** Turns a thrown value into a message and advice for the user. */
import { isCometChatException } from "cometchat-auth";

export interface Problem {
  code: string;
  message: string;
  /** What to do about it in this demo. */
  advice: string;
  retryable: boolean;
  /** HTTP status, if there was a response. */
  status: number | undefined;
  /** Seconds, if the service sent a retry time. */
  retryAfter: number | undefined;
}

/** A failure of the demo's own server, in the form of the package's exceptions. */
export class YourServerError extends Error {
  override readonly name = "YourServerError";
  constructor(
    readonly code: string,
    message: string,
    readonly status: number | undefined,
  ) {
    super(message);
  }
}

const START_EMULATOR =
  "Start the emulator with “cargo xtask emulator” in another terminal. This page " +
  "continues as soon as the emulator responds.";

const LOGGED_OUT_ANYWAY =
  "Nothing: you are logged out on this device. The service did not confirm the logout, " +
  "so the token stays valid there until it is revoked.";

/** Advice by code: codes are the stable part of an error. */
const ADVICE: Readonly<Record<string, string>> = {
  FAILED_TO_FETCH: START_EMULATOR,
  EMULATOR_NOT_REACHED: START_EMULATOR,
  REQUEST_TIMEOUT: "The emulator took too long to respond. Check its terminal, then try again.",
  NO_INTERNET_CONNECTION: "Connect to a network, then try again.",
  AUTH_ERR_APIKEY_NOT_FOUND:
    "Use an auth key the emulator knows. It printed one when it started; the page takes " +
    "it from VITE_AUTH_KEY.",
  AUTH_ERR_EMPTY_APIKEY: "Fill in the auth key.",
  AUTH_ERR_NO_ACCESS:
    "This key has no permission for that. Log in with the auth key, and keep the REST " +
    "API key on the server.",
  AUTH_ERR_INVALID_APPID:
    "Start the emulator with “--app” and this app id, or build the page with another VITE_APP_ID.",
  AUTH_ERR_AUTH_TOKEN_NOT_FOUND:
    "The token has been revoked, or the emulator was restarted and has forgotten it. Log " +
    "in again with a new one.",
  ERR_UID_NOT_FOUND:
    "Check the spelling, pick one of the cards, or create the user first (POST /v3/users " +
    "with the REST API key).",
  ERR_INVALID_UID: "A uid has letters, digits, “-” and “_”, no spaces, and at most 100 characters.",
  ERR_TOO_MANY_REQUESTS: "Wait a moment, then try again.",
  MISSING_PARAMETERS: "Fill in both the uid and the auth key.",
  LOGIN_IN_PROGRESS: "Wait until the running login has ended.",
  LOGIN_ABORTED: "A logout ended this login, perhaps in another tab. Log in again.",
  USER_NOT_LOGGED_IN: "No user is logged in. Log in first.",
  INVALID_REGION: "Build the page with VITE_REGION set to us, eu or in.",
  INVALID_HOST:
    "Build the page with VITE_EMULATOR_URL set to an address like http://127.0.0.1:8599.",
  INVALID_RESPONSE:
    "Something else may be listening at the emulator's address. Check VITE_EMULATOR_URL.",
  INTERNAL_ERROR:
    "If the message names a file or a policy, correct that. Otherwise it is a defect of the " +
    "package: please report it with the steps that led here.",
  REST_API_KEY_MISSING:
    "Stop the demo's server and start it again with EMULATOR_REST_API_KEY set. Picking a " +
    "card above needs no server.",
  YOUR_SERVER_MISSING:
    "Serve the page with “cargo xtask demo”, “npm run dev” or “npm run preview”: a plain " +
    "file server cannot mint tokens.",
};

/** “Your server” has a different key than the page, so the same code needs different advice. */
const SERVER_ADVICE: Readonly<Record<string, string>> = {
  AUTH_ERR_APIKEY_NOT_FOUND:
    "Start the demo's server with EMULATOR_REST_API_KEY set to the REST API key the " +
    "emulator printed.",
  AUTH_ERR_NO_ACCESS:
    "Give the demo's server the REST API key in EMULATOR_REST_API_KEY, not the auth key.",
};

/** What the page was doing. */
export type Call = "init" | "login" | "logout";

export function explain(error: unknown, call: Call): Problem {
  if (isCometChatException(error)) {
    return {
      code: error.code,
      message: error.message,
      advice:
        call === "logout" && error.code !== "USER_NOT_LOGGED_IN"
          ? LOGGED_OUT_ANYWAY
          : (ADVICE[error.code] ?? fallback(error.retryable)),
      retryable: error.retryable,
      status: error.status,
      retryAfter: error.retryAfter,
    };
  }
  if (error instanceof YourServerError) {
    const retryable = error.status === undefined || error.status >= 500;
    return {
      code: error.code,
      message: error.message,
      advice: SERVER_ADVICE[error.code] ?? ADVICE[error.code] ?? fallback(retryable),
      retryable: retryable && error.code !== "REST_API_KEY_MISSING",
      status: error.status,
      retryAfter: undefined,
    };
  }
  return {
    code: "UNEXPECTED",
    message: error instanceof Error ? error.message : "A value was thrown that is not an error.",
    advice: "This is a defect of the page. Reload it; if that does not help, please report it.",
    retryable: false,
    status: undefined,
    retryAfter: undefined,
  };
}

/** Problems that end as soon as the emulator responds. */
export function isOutage(problem: Problem): boolean {
  return (
    problem.code === "FAILED_TO_FETCH" ||
    problem.code === "EMULATOR_NOT_REACHED" ||
    problem.code === "REQUEST_TIMEOUT"
  );
}

function fallback(retryable: boolean): string {
  return retryable
    ? "Your request was correct. Try again in a moment."
    : "Trying again does not help. Change what the message names.";
}
