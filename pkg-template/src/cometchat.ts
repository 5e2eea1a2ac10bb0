import { Client, type Source } from "./client.js";
import { CometChatException } from "./exception.js";
import { Call, Query } from "./generated/boundary.js";
import { LoginListener, type LoginHandlers } from "./listener.js";
import { loginArguments } from "./login-arguments.js";
import { page } from "./page.js";
import { baseUrls } from "./hosts.js";
import { preconnect } from "./preconnect.js";
import type { TokenProvider } from "./provider.js";
import type { SessionStore, SessionSubscriber } from "./session-store.js";
import {
  AppSettings,
  AppSettingsBuilder,
  StorageMode,
  initArguments,
  type CometChatSettings,
  type PlainSettings,
} from "./settings.js";
import { User, type UserObj } from "./user.js";

/** The arguments of a login by name. */
export type LoginRequest = {
  /** Rejects this call with `REQUEST_ABORTED` when it aborts. */
  signal?: AbortSignal | undefined;
} & (
  | {
      /** The user's id. */
      uid: string;
      /** The app's auth key. For development only. */
      authKey: string;
    }
  | {
      /** The user whose token it has to be. Pass it wherever users change. */
      uid?: string | undefined;
      /** An auth token made by your server, or a function that returns one. */
      authToken: string | TokenProvider;
    }
  | {
      /** The official client's name for `uid`. */
      username: string;
      /** The official client's name for `authKey`. */
      apiKey: string;
    }
);

/** The service's answer to a logout. */
export interface LogoutReply {
  /** Whether the service has ended the session. */
  success?: boolean;
  /** The service's message. */
  message?: string;
}

/** The client behind the static API. */
const defaultClient = /* @__PURE__ */ new Client();

/**
 * CometChat authentication for the browser. Importing it does nothing; the WebAssembly is read and
 * compiled by the first call.
 */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- the official SDK has this shape
export class CometChat {
  /** The class of users. */
  static readonly User: typeof User = User;
  /** The class of settings. */
  static readonly AppSettings: typeof AppSettings = AppSettings;
  /** The builder of settings. */
  static readonly AppSettingsBuilder: typeof AppSettingsBuilder = AppSettingsBuilder;
  /** The class of login listeners. */
  static readonly LoginListener: typeof LoginListener = LoginListener;
  /** The class of errors. */
  static readonly CometChatException: typeof CometChatException = CometChatException;
  /** The values of `setStorageMode`. */
  static readonly StorageMode: typeof StorageMode = StorageMode;
  /** The session as a store, for framework bindings. */
  static readonly session: SessionStore = defaultClient.session.store;

  /**
   * Sets the app up and takes over the stored session. Sends no request and fires no event. Call it
   * once per page; calling it again is harmless.
   *
   * @param appId - The app id.
   * @param appSettings - Made by {@link AppSettingsBuilder}, or a plain object.
   * @returns A promise of true.
   * @throws CometChatException `MISSING_PARAMETERS`, `INVALID_APP_ID`, `INVALID_REGION`,
   *   `INVALID_HOST`, `INVALID_REQUEST_TIMEOUT`, `WEBASSEMBLY_UNAVAILABLE`.
   * @example
   * ```ts
   * await CometChat.init("APP_ID", new CometChat.AppSettingsBuilder().setRegion("us").build());
   * ```
   */
  static init(appId: string, appSettings?: AppSettings | PlainSettings): Promise<boolean>;
  /**
   * The same with the arguments by name.
   *
   * @param app - The app id and the settings.
   * @returns A promise of true.
   */
  static init(app: { appId: string; appSettings?: AppSettings | PlainSettings }): Promise<boolean>;
  /**
   * The same with the object of `cometchat-settings.json`.
   *
   * @param settings - The content of the file.
   * @returns A promise of true.
   */
  static init(settings: CometChatSettings): Promise<boolean>;
  static init(app: unknown, appSettings?: AppSettings | PlainSettings): Promise<boolean> {
    let settings: Parameters<typeof preconnect>[0] | undefined;
    const ready = defaultClient.call<boolean>(Call.Init, () => {
      const { args, logger } = initArguments(app, appSettings);
      defaultClient.setLogger(logger);
      const { location } = globalThis as Partial<typeof globalThis>;
      settings = { ...args, ...baseUrls(args, location?.origin) };
      return { args: { ...settings, ...page() } };
    });
    // While the core loads: opening the storage takes the browser some milliseconds.
    if (settings) preconnect(settings);
    return ready;
  }

  /**
   * The same as `init` with the object of CometChat's `cometchat-settings.json`.
   *
   * @param settings - The content of the file.
   * @returns A promise of true.
   * @throws CometChatException As `init`.
   * @example
   * ```ts
   * import settings from "./cometchat-settings.json";
   * await CometChat.initFromSettings(settings);
   * ```
   */
  static initFromSettings(settings: CometChatSettings): Promise<boolean> {
    return CometChat.init(settings);
  }

  /**
   * Whether `init` has succeeded.
   *
   * @returns True after an `init` that succeeded.
   */
  static isInitialized(): boolean {
    return defaultClient.query(Query.AppId) !== null;
  }

  /**
   * Logs a user in with an auth token made by your server. A login that fails leaves the present
   * session as it is.
   *
   * @param authToken - The auth token.
   * @returns A promise of the user.
   * @throws CometChatException A code of the service such as `AUTH_ERR_AUTH_TOKEN_NOT_FOUND`, or
   *   one of `COMETCHAT_INITIALIZATION_NOT_DONE`, `MISSING_PARAMETERS`, `LOGIN_IN_PROGRESS`,
   *   `LOGIN_ABORTED`, `REQUEST_ABORTED`, `REQUEST_TIMEOUT`, `FAILED_TO_FETCH`, `INVALID_RESPONSE`,
   *   `INVALID_AUTH_TOKEN`, `TOKEN_PROVIDER_FAILED`.
   * @example
   * ```ts
   * const user = await CometChat.login(authToken);
   * ```
   */
  static login(authToken: string): Promise<User>;
  /**
   * Logs a user in with the app's auth key. For development only: the key lets anyone log in as
   * anyone.
   *
   * @param uid - The user's id.
   * @param authKey - The app's auth key.
   * @returns A promise of the user.
   */
  static login(uid: string, authKey: string): Promise<User>;
  /**
   * Logs a user in with an auth token that is asked for only if there is no session to answer with.
   * Where users change, use the form with `uid`.
   *
   * @param provider - Gets an auth token from your server.
   * @returns A promise of the user.
   */
  static login(provider: TokenProvider): Promise<User>;
  /**
   * Logs a user in, with the arguments by name.
   *
   * @param request - The arguments.
   * @returns A promise of the user.
   */
  static login(request: LoginRequest): Promise<User>;
  static login(...args: unknown[]): Promise<User> {
    return defaultClient.call(Call.Login, () => loginArguments(args));
  }

  /**
   * Gets the logged-in user from storage, without a request.
   *
   * @returns A promise of the user, a new object for each caller; null if no user is logged in.
   * @example
   * ```ts
   * const user = (await CometChat.getLoggedinUser()) ?? (await CometChat.login(authToken));
   * ```
   */
  static getLoggedinUser(): Promise<User | null> {
    return defaultClient.call(Call.LoggedInUser);
  }

  /**
   * The same as `getLoggedinUser`.
   *
   * @returns A promise of the user; null if no user is logged in.
   */
  static getLoggedInUser(): Promise<User | null> {
    return defaultClient.call(Call.LoggedInUser);
  }

  /**
   * Ends the session: here at once, then at the service.
   *
   * @returns A promise of the service's answer.
   * @throws CometChatException `USER_NOT_LOGGED_IN` if no user is logged in; any other code if the
   *   request to the service has failed. The session has ended here all the same.
   * @example
   * ```ts
   * await CometChat.logout();
   * ```
   */
  static logout(): Promise<LogoutReply> {
    return defaultClient.call(Call.Logout);
  }

  /**
   * Asks the service whether the session is still valid, and refreshes the user.
   *
   * @returns A promise of the user; null if no user is logged in, or if the service does not know
   *   the token any more. The session has ended then.
   * @throws CometChatException Any other failure. It does not end the session.
   * @example
   * ```ts
   * if (!(await CometChat.verifySession())) showLogin();
   * ```
   */
  static verifySession(): Promise<User | null> {
    return defaultClient.call(Call.Verify);
  }

  /**
   * Creates a user of the app. For development only: with the auth key a page can change any user.
   *
   * @param user - The user; uid and name are required.
   * @param authKey - The app's auth key.
   * @returns A promise of the user as the service stored it.
   * @throws CometChatException A code of the service such as `ERR_UID_ALREADY_EXISTS`, or before a
   *   request is sent `INVALID_AUTH_KEY`, `UID_IS_COMPULSORY`, `INVALID_UID`,
   *   `USER_NAME_IS_COMPULSORY`, `INVALID_USER_*`.
   * @example
   * ```ts
   * await CometChat.createUser({ uid: "ann", name: "Ann" }, authKey);
   * ```
   */
  static createUser(user: User | UserObj, authKey: string): Promise<User> {
    return defaultClient.call(Call.CreateUser, () => ({ args: { authKey }, user }));
  }

  /**
   * Changes a user of the app. For development only. The session is refreshed if it is of that
   * user.
   *
   * @param user - The uid and what is to be changed.
   * @param authKey - The app's auth key.
   * @returns A promise of the user as the service stored it.
   * @throws CometChatException As `createUser`.
   * @example
   * ```ts
   * await CometChat.updateUser({ uid: "ann", name: "Ann Lee" }, authKey);
   * ```
   */
  static updateUser(user: User | UserObj, authKey: string): Promise<User> {
    return defaultClient.call(Call.UpdateUser, () => ({ args: { authKey }, user }));
  }

  /**
   * Changes the logged-in user. A uid in the argument is ignored.
   *
   * @param user - What is to be changed.
   * @returns A promise of the user as the service stored it.
   * @throws CometChatException `USER_NOT_LOGGED_IN`, or a code of the service.
   * @example
   * ```ts
   * await CometChat.updateCurrentUserDetails({ statusMessage: "Away" });
   * ```
   */
  static updateCurrentUserDetails(user: User | UserObj): Promise<User> {
    return defaultClient.call(Call.UpdateMe, () => ({ args: {}, user }));
  }

  /**
   * Gets another user of the app.
   *
   * @param uid - The user's id.
   * @returns A promise of the user.
   * @throws CometChatException `USER_NOT_LOGGED_IN`, `ERR_UID_NOT_FOUND`, `INVALID_UID`.
   * @example
   * ```ts
   * const friend = await CometChat.getUser("ann");
   * ```
   */
  static getUser(uid: string): Promise<User> {
    return defaultClient.call(Call.GetUser, () => ({ args: { uid } }));
  }

  /**
   * Adds a listener for logins and logouts, in this tab and in others. May be called before `init`.
   *
   * @param id - The same id again replaces the listener.
   * @param listener - The callbacks.
   * @example
   * ```ts
   * CometChat.addLoginListener("app", { logoutSuccess: () => location.reload() });
   * ```
   */
  static addLoginListener(id: string, listener: LoginHandlers): void {
    defaultClient.listeners.add(id, listener);
  }

  /**
   * Removes a login listener. Unknown ids are ignored.
   *
   * @param id - The listener's id.
   */
  static removeLoginListener(id: string): void {
    defaultClient.listeners.remove(id);
  }

  /**
   * Where the session is kept: `memory` if the browser refuses storage; then it ends with the page.
   * Null before `init`.
   */
  static get persistence(): "local" | "session" | "memory" | null {
    return defaultClient.query(Query.Persistence) as "local" | "session" | "memory" | null;
  }

  /**
   * The app id of the last `init` that succeeded.
   *
   * @returns The app id; null before `init`.
   */
  static getAppId(): string | null {
    return defaultClient.query(Query.AppId);
  }

  /**
   * What the official client offers on an instance.
   *
   * @returns An object with `getAuthToken`.
   */
  static getInstance(): {
    /** The auth token of the session; null if no user is logged in. */
    getAuthToken(): string | null;
  } {
    return { getAuthToken: () => defaultClient.query(Query.AuthToken) };
  }

  /**
   * Ends listeners and session subscriptions, then pending calls. For hot reload and tests; `init`
   * starts again.
   */
  static dispose(): void {
    defaultClient.dispose();
  }
}

type UserClass = User;
type AppSettingsClass = AppSettings;
type AppSettingsBuilderClass = AppSettingsBuilder;
type LoginListenerClass = LoginListener;
type CometChatExceptionClass = CometChatException;
type StorageModeValue = StorageMode;

/** The types of the classes that `CometChat` carries: `CometChat.User` is a type, too. */
// eslint-disable-next-line @typescript-eslint/no-namespace -- only a namespace adds types to a class
export declare namespace CometChat {
  /** A user of the app. */
  type User = UserClass;
  /** The settings for `init`. */
  type AppSettings = AppSettingsClass;
  /** The builder of settings. */
  type AppSettingsBuilder = AppSettingsBuilderClass;
  /** A login listener. */
  type LoginListener = LoginListenerClass;
  /** The reason why a call failed. */
  type CometChatException = CometChatExceptionClass;
  /** One of the values of `CometChat.StorageMode`. */
  type StorageMode = StorageModeValue;
}

/**
 * Sets where the default client loads the core from; with `unless`, only if no entry did before.
 * Returns its first argument, so that a bundler keeps the call.
 *
 * @internal
 */
export function loadWith<T>(api: T, source: Source, unless?: boolean): T {
  defaultClient.loadFrom(source, unless);
  return api;
}

/** @internal A subscription of the session that outlives `dispose()`, for bindings. */
export function observe(subscriber: SessionSubscriber): () => void {
  return defaultClient.session.observe(subscriber);
}
