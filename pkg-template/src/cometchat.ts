import { CometChatException } from "./exception.js";
import * as link from "./link.js";
import { LoginListener, type LoginHandlers } from "./listener.js";
import { AppSettings, AppSettingsBuilder, EXTRAS, type Extras, type PlainSettings, StorageMode } from "./settings.js";
import { User } from "./user.js";

/** The arguments of a login by name. */
export type LoginRequest = { signal?: AbortSignal | undefined } & (
  | { uid: string; authKey: string }
  | { uid?: string | undefined; authToken: string }
  | { username: string; apiKey: string }
);

/** What the service says to a logout. */
export interface LogoutReply {
  success?: boolean;
  message?: string;
}

/** Being logged in to CometChat. Importing does nothing; the WebAssembly is loaded by the first call. */
export class CometChat {
  static readonly User = User;
  static readonly AppSettings = AppSettings;
  static readonly AppSettingsBuilder = AppSettingsBuilder;
  static readonly LoginListener = LoginListener;
  static readonly CometChatException = CometChatException;
  static readonly StorageMode = StorageMode;

  /**
   * Sets the app up and finds the session that is stored: no request, no event. Once per page; again is harmless.
   *
   * Rejects with `MISSING_PARAMETERS`, `INVALID_APP_ID`, `INVALID_REGION`, `INVALID_HOST`, `INVALID_REQUEST_TIMEOUT`.
   */
  static init(appId: string, appSettings?: AppSettings | PlainSettings): Promise<boolean>;
  static init(app: { appId: string; appSettings?: AppSettings | PlainSettings }): Promise<boolean>;
  static init(app: unknown, appSettings?: AppSettings | PlainSettings): Promise<boolean> {
    let appId = app;
    let settings: PlainSettings & { [EXTRAS]?: Extras } = appSettings ?? {};
    if (app && typeof app === "object") {
      const named = app as { appId?: unknown; appSettings?: AppSettings | PlainSettings };
      appId = named.appId;
      settings = named.appSettings ?? {};
    }
    // Whoever forgets build() means what was set.
    if (settings instanceof AppSettingsBuilder) settings = settings.build();
    const extras: Omit<Extras, "region"> = { ...settings, ...settings[EXTRAS] } as Extras;
    const region = settings[EXTRAS] && !settings[EXTRAS].region ? undefined : settings.region;
    const { adminHost, clientHost, storageMode } = settings;
    const { requestTimeout, emulator, logger } = extras;
    return link.init({ appId, region, adminHost, clientHost, storageMode, requestTimeout, emulator }, requestTimeout, logger);
  }

  /** Whether `init` has succeeded. */
  static isInitialized(): boolean {
    return CometChat.getAppId() !== null;
  }

  /**
   * Logs a user in with an auth token made by your server.
   *
   * Rejects with the service's code, such as `AUTH_ERR_AUTH_TOKEN_NOT_FOUND`, or one of `COMETCHAT_INITIALIZATION_NOT_DONE`, `MISSING_PARAMETERS`,
   * `LOGIN_IN_PROGRESS`, `LOGIN_ABORTED`, `REQUEST_ABORTED`, `REQUEST_TIMEOUT`, `FAILED_TO_FETCH`, `INVALID_RESPONSE`, `INVALID_AUTH_TOKEN`. A login that fails
   * leaves the session that was there as it is.
   */
  static login(authToken: string): Promise<User>;
  /** Logs a user in with the app's auth key. For development only: the key lets anyone log in as anyone. */
  static login(uid: string, authKey: string): Promise<User>;
  /** Logs a user in, the arguments by name. */
  static login(request: LoginRequest): Promise<User>;
  static login(...args: unknown[]): Promise<User> {
    let signal: AbortSignal | undefined;
    const read = () => {
      const [only] = args;
      if (args.length !== 1 || !only || typeof only !== "object") return { count: args.length, ...args };
      const { uid, username, authKey, apiKey, signal: given, ...rest } = only as Record<string, unknown>;
      if (typeof (given as AbortSignal)?.addEventListener === "function") signal = given as AbortSignal;
      else if (given !== undefined && given !== null) return { count: 0 };
      // A token that was meant to be given but is undefined is a missing token, not a missing key.
      const token = "authToken" in rest ? { authToken: rest.authToken ?? "" } : {};
      return { uid: uid ?? username, authKey: authKey ?? apiKey, ...token };
    };
    return link.call("login", read, () => signal);
  }

  /** The logged-in user, or null: from storage, without a request. A new object for each caller. */
  static getLoggedinUser(): Promise<User | null> {
    return link.call("getLoggedinUser");
  }

  /** The same as {@link CometChat.getLoggedinUser}. */
  static getLoggedInUser(): Promise<User | null> {
    return CometChat.getLoggedinUser();
  }

  /**
   * Ends the session: here at once, then at the service. Resolves with what the service says; rejects with `USER_NOT_LOGGED_IN` where nobody is, and
   * with what went wrong where the service could not be told. The session here has ended then as well.
   */
  static logout(): Promise<LogoutReply> {
    return link.call("logout");
  }

  /** Is told of logins and logouts, in this tab and in others. The same id again replaces. May be called before `init`. */
  static addLoginListener(id: string, listener: LoginHandlers): void {
    link.addListener(id, listener);
  }

  static removeLoginListener(id: string): void {
    link.removeListener(id);
  }

  /** Where the session is kept: `memory` where the browser refuses storage; then it ends with the page. Null before `init`. */
  static get persistence(): "local" | "session" | "memory" | null {
    return link.ask("persistence") as "local" | "session" | "memory" | null;
  }

  /** The app of the last `init` that succeeded; null before. */
  static getAppId(): string | null {
    return link.ask("appId");
  }

  /** What the official client offers on an instance. */
  static getInstance(): { getAuthToken(): string | null } {
    return { getAuthToken: () => link.ask("authToken") };
  }

  /** Ends everything: listeners, then pending calls. For hot reload and tests; `init` starts again. */
  static dispose(): void {
    link.dispose();
  }
}
