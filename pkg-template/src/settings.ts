/** Where the session is kept. */
export const StorageMode = {
  /** In localStorage: for all tabs, and for the next visit. */
  LOCAL: "local",
  /** In sessionStorage: for this tab, until it is closed. */
  SESSION: "session",
} as const;
/** One of the values of `StorageMode`. */
export type StorageMode = (typeof StorageMode)[keyof typeof StorageMode];

/** Told what the developer should know. Never holds a token or a key. */
export type Logger = (level: "warn" | "error", message: string, cause?: unknown) => void;

/** What only this package knows, kept out of the way of whoever lists the settings of the official client. */
export interface Extras {
  /** Stands in the way of the default, as long as no region was set. */
  region?: undefined;
  requestTimeout?: number;
  emulator?: string;
  logger?: Logger;
}

/** @internal */
export const EXTRAS = Symbol();

/** What `init` needs to know. Made by {@link AppSettingsBuilder}. */
export class AppSettings {
  /** Presence of nobody. Kept for the official client. */
  static readonly SUBSCRIPTION_TYPE_NONE = "NONE";
  /** Presence of everybody. Kept for the official client. */
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
  /** Kept for the official client; as a region it rejects `INVALID_REGION` unless both hosts are overridden. */
  static readonly REGION_PRIVATE = "private";
  /** The session is kept in localStorage. */
  static readonly STORAGE_MODE_LOCAL = "local";
  /** The session is kept in sessionStorage. */
  static readonly STORAGE_MODE_SESSION = "session";

  /** Whose presence the official client subscribes to. */
  subscriptionType: string = "NONE";
  /** Of which roles. */
  roles: string[] | null = null;
  /** The region: `us`, `eu` or `in`. */
  region: string = "eu";
  /** Whether the official client joins its groups by itself. */
  autoJoinGroup: boolean = true;
  /** Whether the official client opens its web socket by itself. */
  establishSocketConnection: boolean = true;
  /** Where calls with an auth key go; null for the region's host. */
  adminHost: string | null = null;
  /** Where calls with an auth token go; null for the region's host. */
  clientHost: string | null = null;
  /** Where the session is kept: `local` or `session`. */
  storageMode: string = "local";
  /** @internal */
  [EXTRAS]: Extras = { region: undefined };

  /** Whose presence the official client subscribes to. */
  getSubscriptionType(): string {
    return this.subscriptionType;
  }
  /** Of which roles; null if none were set. */
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
  /** Where calls with an auth key go; null for the region's host. */
  getAdminHost(): string | null {
    return this.adminHost;
  }
  /** Where calls with an auth token go; null for the region's host. */
  getClientHost(): string | null {
    return this.clientHost;
  }
  /** Where the session is kept: `local` or `session`. */
  getStorageMode(): string {
    return this.storageMode;
  }
}

/** What may stand in place of an {@link AppSettings}. */
export interface PlainSettings {
  /** `us`, `eu` or `in`; `eu`, with a warning, if not given. */
  region?: string | undefined;
  /** As {@link AppSettingsBuilder.overrideAdminHost}. */
  adminHost?: string | null | undefined;
  /** As {@link AppSettingsBuilder.overrideClientHost}. */
  clientHost?: string | null | undefined;
  /** `local`, the default, or `session`. */
  storageMode?: string | undefined;
  /** How long a call may take, in milliseconds; 10 000 if not given. */
  requestTimeout?: number | undefined;
  /** As {@link AppSettingsBuilder.useEmulator}. */
  emulator?: string | undefined;
  /** Gets the warnings that otherwise go to the console. */
  logger?: Logger | undefined;
}

/** Builds the settings for `init`, step by step. */
export class AppSettingsBuilder {
  #settings = new AppSettings();

  #set(fields: Partial<AppSettings>, extras?: Extras): this {
    Object.assign(this.#settings, fields);
    Object.assign(this.#settings[EXTRAS], extras);
    return this;
  }

  /** The app's region: `us`, `eu` or `in`, as the dashboard says. */
  setRegion(region: string): this {
    if (region !== undefined && region !== null) {
      delete this.#settings[EXTRAS].region;
      this.#set({ region: String(region).toLowerCase() });
    }
    return this;
  }
  /** Kept for the official client; without effect here. */
  subscribePresenceForAllUsers(): this {
    return this.#set({ subscriptionType: "ALL_USERS" });
  }
  /** Kept for the official client; without effect here. */
  subscribePresenceForRoles(roles: string[]): this {
    return this.#set({ subscriptionType: "ROLES", roles });
  }
  /** Kept for the official client; without effect here. */
  subscribePresenceForFriends(): this {
    return this.#set({ subscriptionType: "FRIENDS" });
  }
  /** Kept for the official client; without effect here. */
  setRoles(roles: string[]): this {
    return this.#set({ roles });
  }
  /** Kept for the official client; without effect here: this package opens no socket. */
  autoEstablishSocketConnection(establishSocketConnection: boolean): this {
    return this.#set({ establishSocketConnection });
  }
  /** Kept for the official client; without effect here. */
  enableAutoJoinForGroups(autoJoinGroup: boolean): this {
    return this.#set({ autoJoinGroup });
  }
  /** Where calls with an auth key go: a host, with a path if need be, in place of the region's. */
  overrideAdminHost(adminHost: string): this {
    return this.#set({ adminHost });
  }
  /** Where calls with an auth token go: a host, with a path if need be, in place of the region's. */
  overrideClientHost(clientHost: string): this {
    return this.#set({ clientHost });
  }
  /** `StorageMode.SESSION` keeps the session in sessionStorage: it ends with the tab. */
  setStorageMode(storageMode: string): this {
    return this.#set({ storageMode: storageMode === "session" ? storageMode : "local" });
  }
  /** How long a call may take, in milliseconds; 10 000 if not set. */
  setRequestTimeout(requestTimeout: number): this {
    return this.#set({}, { requestTimeout });
  }
  /** All calls go to an emulator at this address, such as `http://127.0.0.1:8599`. For development. */
  useEmulator(emulator: string): this {
    return this.#set({}, { emulator });
  }
  /** Gets the warnings that otherwise go to the console. */
  setLogger(logger: Logger): this {
    return this.#set({}, { logger });
  }
  /** The settings as they are now. */
  build(): AppSettings {
    return this.#settings;
  }
}
