import { CometChatException } from "./exception.js";
import { Call, Query } from "./generated/boundary.js";
import * as link from "./link.js";
import { LoginListener, type LoginHandlers } from "./listener.js";
import {
  AppSettings,
  AppSettingsBuilder,
  EXTRAS,
  type Extras,
  type PlainSettings,
  StorageMode,
} from "./settings.js";
import { User, type UserObj } from "./user.js";
import type { TokenProvider } from "./provider.js";
import { page } from "./page.js";
import { preconnect } from "./preconnect.js";

/** The arguments of a login by name. */
export type LoginRequest = {
  /** Ends the wait of this caller, with `REQUEST_ABORTED`. */
  signal?: AbortSignal | undefined;
} & (
  | {
      /** Whom to log in. */
      uid: string;
      /** The app's auth key; for development only. */
      authKey: string;
    }
  | {
      /** Whose token it has to be; anybody's if not given. */
      uid?: string | undefined;
      /** The token that your server made, or who gives it when it is needed. */
      authToken: string | TokenProvider;
    }
  | {
      /** The official client's name for `uid`. */
      username: string;
      /** The official client's name for `authKey`. */
      apiKey: string;
    }
);

/** What the service says to a logout. */
export interface LogoutReply {
  /** Whether the service has ended the session there. */
  success?: boolean;
  /** What the service says, for people. */
  message?: string;
}

/** Being logged in to CometChat. Importing does nothing; the WebAssembly is read and compiled with the first call. */
export class CometChat {
  /** The class of users. */
  declare static readonly User: typeof User;
  /** The class of settings: {@link AppSettings}. */
  declare static readonly AppSettings: typeof AppSettings;
  /** What settings are built with: {@link AppSettingsBuilder}. */
  declare static readonly AppSettingsBuilder: typeof AppSettingsBuilder;
  /** The class of listeners: {@link LoginListener}. */
  declare static readonly LoginListener: typeof LoginListener;
  /** The class of errors: {@link CometChatException}. */
  declare static readonly CometChatException: typeof CometChatException;
  /** The values of `setStorageMode`. */
  declare static readonly StorageMode: typeof StorageMode;

  /**
   * Sets the app up and finds the session that is stored: no request, no event. Once per page; again is harmless.
   *
   * Rejects with `MISSING_PARAMETERS`, `INVALID_APP_ID`, `INVALID_REGION`, `INVALID_HOST`, `INVALID_REQUEST_TIMEOUT`.
   */
  static init(appId: string, appSettings?: AppSettings | PlainSettings): Promise<boolean>;
  /** The same, the arguments by name. */
  static init(app: { appId: string; appSettings?: AppSettings | PlainSettings }): Promise<boolean>;
  static init(app: unknown, appSettings?: AppSettings | PlainSettings): Promise<boolean> {
    const named =
      app && typeof app === "object"
        ? (app as { appId?: unknown; appSettings?: AppSettings | PlainSettings })
        : { appId: app, appSettings };
    let given: PlainSettings & { [EXTRAS]?: Extras } = named.appSettings ?? {};
    // Whoever forgets build() means what was set.
    if (given instanceof AppSettingsBuilder) given = given.build();
    // By name: whatever else stands there, a key perhaps, is not ours to keep.
    const { region, adminHost, clientHost, storageMode, requestTimeout, emulator, logger } = {
      ...given,
      ...given[EXTRAS],
    };
    const said = {
      appId: named.appId,
      region,
      adminHost,
      clientHost,
      storageMode,
      requestTimeout,
      emulator,
    };
    link.setLogger(logger);
    const ready = link.call<boolean>(Call.Init, () => ({ ...said, ...page() }));
    // While the Rust part is on its way: opening the storage takes the browser some milliseconds.
    preconnect(said);
    return ready;
  }

  /** Whether `init` has succeeded. */
  static isInitialized(): boolean {
    return link.fact(Query.AppId) !== null;
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
  /** Logs a user in with an auth token that is asked for only when there is no session to answer with. */
  static login(provider: TokenProvider): Promise<User>;
  /** Logs a user in, the arguments by name. */
  static login(request: LoginRequest): Promise<User>;
  static login(...args: unknown[]): Promise<User> {
    const beside: link.Beside = {};
    const read = () => {
      const [first, second] = args;
      if (args.length === 2) return { uid: first, authKey: second };
      if (args.length !== 1) return { count: args.length };
      const request = first && typeof first === "object" ? first : { authToken: first };
      const { uid, username, authKey, apiKey, signal, ...rest } = request as Record<
        string,
        unknown
      >;
      if (
        signal !== undefined &&
        signal !== null &&
        typeof (signal as AbortSignal).addEventListener !== "function"
      )
        return { count: 0 };
      beside.signal = signal as AbortSignal;
      const whom = uid ?? username;
      // A token that was meant to be given but is undefined is a missing token, not a missing key.
      if (!("authToken" in rest)) return { uid: whom, authKey: authKey ?? apiKey };
      const { authToken } = rest;
      if (typeof authToken !== "function") return { uid: whom, authToken: authToken ?? "" };
      beside.provider = authToken as TokenProvider;
      return { uid: whom };
    };
    return link.call(Call.Login, read, beside);
  }

  /** The logged-in user, or null: from storage, without a request. A new object for each caller. */
  static getLoggedinUser(): Promise<User | null> {
    return link.call(Call.LoggedInUser);
  }

  /** The same as {@link CometChat.getLoggedinUser}. */
  static getLoggedInUser(): Promise<User | null> {
    return link.call(Call.LoggedInUser);
  }

  /**
   * Ends the session: here at once, then at the service. Resolves with what the service says; rejects with `USER_NOT_LOGGED_IN` where nobody is, and
   * with what went wrong where the service could not be told. The session here has ended then as well.
   */
  static logout(): Promise<LogoutReply> {
    return link.call(Call.Logout);
  }

  /**
   * Asks the service whether the session still stands: resolves with the user, refreshed, or with null where nobody is logged in or the service does not
   * know the token any more; the session has ended then. Any other failure rejects and ends nothing.
   */
  static verifySession(): Promise<User | null> {
    return link.call(Call.Verify);
  }

  /**
   * Makes a user of the app. For development: with the auth key a page can write any user.
   *
   * Rejects with the service's code, such as `ERR_UID_ALREADY_EXISTS`, or before anything is sent with `INVALID_AUTH_KEY`, `UID_IS_COMPULSORY`, `INVALID_UID`,
   * `USER_NAME_IS_COMPULSORY` or `INVALID_USER_*`.
   */
  static createUser(user: User | UserObj, authKey: string): Promise<User> {
    return link.call(Call.CreateUser, () => ({ authKey }), { user });
  }

  /** Changes a user of the app, as {@link CometChat.createUser} makes one. Where it is the logged-in user, the session is refreshed. */
  static updateUser(user: User | UserObj, authKey: string): Promise<User> {
    return link.call(Call.UpdateUser, () => ({ authKey }), { user });
  }

  /** Changes the logged-in user; whatever uid is given, it is one's own that is meant. */
  static updateCurrentUserDetails(user: User | UserObj): Promise<User> {
    return link.call(Call.UpdateMe, () => ({}), { user });
  }

  /** Another user of the app. */
  static getUser(uid: string): Promise<User> {
    return link.call(Call.GetUser, () => ({ uid }));
  }

  /** Is told of logins and logouts, in this tab and in others. The same id again replaces. May be called before `init`. */
  static addLoginListener(id: string, listener: LoginHandlers): void {
    link.listeners.set(id, listener);
  }

  /** Takes a listener away again; an id that is not there is none. */
  static removeLoginListener(id: string): void {
    link.listeners.delete(id);
  }

  /** Where the session is kept: `memory` where the browser refuses storage; then it ends with the page. Null before `init`. */
  static get persistence(): "local" | "session" | "memory" | null {
    return link.fact(Query.Persistence) as "local" | "session" | "memory" | null;
  }

  /** The app of the last `init` that succeeded; null before. */
  static getAppId(): string | null {
    return link.fact(Query.AppId);
  }

  /** What the official client offers on an instance. */
  static getInstance(): {
    /** The auth token of the session on disk; null where nobody is logged in. */
    getAuthToken(): string | null;
  } {
    return { getAuthToken: () => link.fact(Query.AuthToken) };
  }

  /** Ends everything: listeners, then pending calls. For hot reload and tests; `init` starts again. */
  static dispose(): void {
    link.dispose();
  }
}

Object.assign(CometChat, {
  AppSettings,
  AppSettingsBuilder,
  CometChatException,
  LoginListener,
  StorageMode,
  User,
});
