import { isObject, member, ownProperties, sharedSymbol } from "./own.js";

/** Where the session is kept. */
export const StorageMode = {
  /** In localStorage: for all tabs, and for the next visit. */
  LOCAL: "local",
  /** In sessionStorage: for this tab, until it is closed. */
  SESSION: "session",
} as const;
/** One of the values of `StorageMode`. */
export type StorageMode = (typeof StorageMode)[keyof typeof StorageMode];

/** Receives warnings and errors for the developer. They never hold a token or a key. */
export type Logger = (level: "warn" | "error", message: string, cause?: unknown) => void;

/** The settings that only this package has. The official client does not see them. */
export interface Extras {
  /** Whether `setRegion` was called: the default region is taken with a warning. */
  regionSet?: true;
  requestTimeout?: number;
  emulator?: string;
  logger?: Logger;
}

/**
 * The key of {@link Extras}. From the global registry, so that another copy of the package finds
 * them.
 *
 * @internal
 */
export const EXTRAS: unique symbol = sharedSymbol("cometchat-auth.settings") as never;

/** The settings for `init`, made by {@link AppSettingsBuilder}. Fields may also be set directly. */
export class AppSettings {
  /** No presence. Kept for the official client. */
  static readonly SUBSCRIPTION_TYPE_NONE = "NONE";
  /** Presence of all users. Kept for the official client. */
  static readonly SUBSCRIPTION_TYPE_ALL_USERS = "ALL_USERS";
  /** Presence of users with some roles. Kept for the official client. */
  static readonly SUBSCRIPTION_TYPE_ROLES = "ROLES";
  /** Presence of friends. Kept for the official client. */
  static readonly SUBSCRIPTION_TYPE_FRIENDS = "FRIENDS";
  /** Europe; the default. */
  static readonly REGION_EU = "eu";
  /** The United States. */
  static readonly REGION_US = "us";
  /** India. */
  static readonly REGION_IN = "in";
  /**
   * Kept for the official client. As a region it rejects `INVALID_REGION` unless both hosts are
   * overridden.
   */
  static readonly REGION_PRIVATE = "private";
  /** The session is kept in localStorage. */
  static readonly STORAGE_MODE_LOCAL = "local";
  /** The session is kept in sessionStorage. */
  static readonly STORAGE_MODE_SESSION = "session";

  /** Whose presence the official client subscribes to. */
  subscriptionType: string = "NONE";
  /** The roles whose presence the official client subscribes to. */
  roles: string[] | null = null;
  /** The region: `us`, `eu` or `in`. */
  region: string = "eu";
  /** Whether the official client joins its groups by itself. */
  autoJoinGroup: boolean = true;
  /** Whether the official client opens its web socket by itself. */
  establishSocketConnection: boolean = true;
  /** The host of calls with an auth key; null for the region's host. */
  adminHost: string | null = null;
  /** The host of calls with an auth token; null for the region's host. */
  clientHost: string | null = null;
  /** Where the session is kept: `local` or `session`. */
  storageMode: string = "local";
  /** @internal */
  [EXTRAS]: Extras = {};

  /** Whose presence the official client subscribes to. */
  getSubscriptionType(): string {
    return this.subscriptionType;
  }
  /** The roles whose presence the official client subscribes to; null if none were set. */
  getRoles(): string[] | null {
    return this.roles;
  }
  /** The region: `us`, `eu` or `in`. */
  getRegion(): string {
    return this.region;
  }
  /** Whether the official client joins its groups by itself. */
  getIsAutoJoinEnabled(): boolean {
    return this.autoJoinGroup;
  }
  /** Whether the official client opens its web socket by itself. */
  shouldAutoEstablishSocketConnection(): boolean {
    return this.establishSocketConnection;
  }
  /** The host of calls with an auth key; null for the region's host. */
  getAdminHost(): string | null {
    return this.adminHost;
  }
  /** The host of calls with an auth token; null for the region's host. */
  getClientHost(): string | null {
    return this.clientHost;
  }
  /** Where the session is kept: `local` or `session`. */
  getStorageMode(): string {
    return this.storageMode;
  }
}

/** Settings as a plain object, accepted in place of an {@link AppSettings}. */
export interface PlainSettings {
  /** `us`, `eu` or `in`; `eu`, with a warning, if not given. */
  region?: string | undefined;
  /** See {@link AppSettingsBuilder.overrideAdminHost}. */
  adminHost?: string | null | undefined;
  /** See {@link AppSettingsBuilder.overrideClientHost}. */
  clientHost?: string | null | undefined;
  /** `local`, the default, or `session`. */
  storageMode?: string | undefined;
  /** How long a call may take, in milliseconds; 10 000 if not given. */
  requestTimeout?: number | undefined;
  /** See {@link AppSettingsBuilder.useEmulator}. */
  emulator?: string | undefined;
  /** Gets the warnings that otherwise go to the console. */
  logger?: Logger | undefined;
}

/**
 * The object of CometChat's `cometchat-settings.json`. Other members of the file are ignored: auth
 * key, presence, calls and UI kit.
 */
export interface CometChatSettings {
  /** The app id. */
  appId: string;
  /** `us`, `eu` or `in`; `eu`, with a warning, if not given. */
  region?: string | undefined;
  /** The part for the chat SDK. */
  chatSDK?:
    | {
        /** See {@link AppSettingsBuilder.overrideAdminHost}. */
        adminHost?: string | null | undefined;
        /** See {@link AppSettingsBuilder.overrideClientHost}. */
        clientHost?: string | null | undefined;
      }
    | undefined;
}

/**
 * Builds the settings for `init`, step by step.
 *
 * @example
 * ```ts
 * const settings = new CometChat.AppSettingsBuilder().setRegion("us").build();
 * await CometChat.init("APP_ID", settings);
 * ```
 */
export class AppSettingsBuilder {
  private settings = new AppSettings();

  private set(fields: Partial<AppSettings>, extras?: Extras): this {
    this.settings = withFields(this.settings, fields, extras);
    return this;
  }

  /**
   * Sets the app's region.
   *
   * @param region - `us`, `eu` or `in`, as the dashboard says.
   */
  setRegion(region: string): this {
    const given = region as string | number | null | undefined;
    if (given === undefined || given === null) return this;
    return this.set({ region: given.toString().toLowerCase() }, { regionSet: true });
  }
  /** Kept for the official client; no effect here. */
  subscribePresenceForAllUsers(): this {
    return this.set({ subscriptionType: "ALL_USERS" });
  }
  /** Kept for the official client; no effect here. */
  subscribePresenceForRoles(roles: string[]): this {
    return this.set({ subscriptionType: "ROLES", roles });
  }
  /** Kept for the official client; no effect here. */
  subscribePresenceForFriends(): this {
    return this.set({ subscriptionType: "FRIENDS" });
  }
  /** Kept for the official client; no effect here. */
  setRoles(roles: string[]): this {
    return this.set({ roles });
  }
  /** Kept for the official client; no effect here: this package opens no socket. */
  autoEstablishSocketConnection(establishSocketConnection: boolean): this {
    return this.set({ establishSocketConnection });
  }
  /** Kept for the official client; no effect here. */
  enableAutoJoinForGroups(autoJoinGroup: boolean): this {
    return this.set({ autoJoinGroup });
  }
  /**
   * Overrides the host of calls with an auth key.
   *
   * @param adminHost - A host such as `chat.example.com`, with a path if needed.
   */
  overrideAdminHost(adminHost: string): this {
    return this.set({ adminHost });
  }
  /**
   * Overrides the host of calls with an auth token.
   *
   * @param clientHost - A host such as `chat.example.com`, with a path if needed.
   */
  overrideClientHost(clientHost: string): this {
    return this.set({ clientHost });
  }
  /**
   * Sets where the session is kept.
   *
   * @param storageMode - `StorageMode.SESSION` for sessionStorage: the session ends with the tab.
   */
  setStorageMode(storageMode: string): this {
    return this.set({ storageMode: storageMode === "session" ? storageMode : "local" });
  }
  /**
   * Sets how long a call may take.
   *
   * @param requestTimeout - Milliseconds; 10 000 if not set.
   */
  setRequestTimeout(requestTimeout: number): this {
    return this.set({}, { requestTimeout });
  }
  /**
   * Sends all calls to an emulator. For development.
   *
   * @param emulator - Its address, such as `http://127.0.0.1:8599`.
   */
  useEmulator(emulator: string): this {
    return this.set({}, { emulator });
  }
  /**
   * Sets who gets the warnings that otherwise go to the console.
   *
   * @param logger - Called with a level, a message and sometimes a cause.
   */
  setLogger(logger: Logger): this {
    return this.set({}, { logger });
  }
  /**
   * Makes the settings.
   *
   * @returns The settings as they are now, a new object each time.
   */
  build(): AppSettings {
    return withFields(this.settings);
  }
}

/** A copy of settings with some fields replaced. */
function withFields(
  settings: AppSettings,
  fields?: Partial<AppSettings>,
  extras?: Extras,
): AppSettings {
  const copy: object = {
    __proto__: AppSettings.prototype,
    ...(settings as object),
    ...(fields as object),
    [EXTRAS]: { ...settings[EXTRAS], ...extras },
  };
  return copy as AppSettings;
}

/** The arguments of `init` by name: strings, or values of any type that the caller passed. */
export type InitArguments = Record<
  "appId" | "region" | "adminHost" | "clientHost" | "storageMode" | "requestTimeout" | "emulator",
  unknown
>;

/**
 * Reads the arguments of `init` in any of their forms. Only the members that are known are taken
 * over: others, perhaps a key, are not kept.
 *
 * @throws Whatever a getter or a proxy of the page throws.
 */
export function initArguments(
  app: unknown,
  appSettings: unknown,
): { args: InitArguments; logger: unknown } {
  const named = isObject(app) ? ownProperties(app) : { appId: app, appSettings };
  let given: unknown = named.appSettings;
  // A builder whose `build()` was forgotten, perhaps one of another copy of the package.
  if (isObject(given) && typeof member(given, "build") === "function")
    given = (given as AppSettingsBuilder).build();
  // Without `appSettings` it is the form of the settings file.
  const isFile = isObject(app) && !isObject(given);
  const settings = isFile ? named : ownProperties(given);
  const extras = ownProperties((settings as { [EXTRAS]?: Extras })[EXTRAS]);
  const { region, adminHost, clientHost, storageMode, requestTimeout, emulator, logger } =
    ownProperties({
      ...settings,
      ...extras,
      ...ownProperties(isFile && settings.chatSDK),
    });
  return {
    args: {
      appId: named.appId,
      // The default of the class: the app has not chosen it.
      region: EXTRAS in settings && !extras.regionSet && region === "eu" ? undefined : region,
      adminHost,
      clientHost,
      storageMode,
      requestTimeout,
      emulator,
    },
    logger,
  };
}
