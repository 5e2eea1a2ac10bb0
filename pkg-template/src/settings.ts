/** Where the session is kept. */
export const StorageMode = { LOCAL: "local", SESSION: "session" } as const;
export type StorageMode = (typeof StorageMode)[keyof typeof StorageMode];

/** Told what the developer should know. Never holds a token or a key. */
export type Logger = (level: "warn" | "error", message: string, cause?: unknown) => void;

/** What only this package knows, kept out of the way of whoever lists the settings of the official client. */
export interface Extras {
  /** Whether the region was set, or is the default. */
  region?: boolean;
  requestTimeout?: number;
  emulator?: string;
  logger?: Logger;
}

/** @internal */
export const EXTRAS = Symbol("cometchat-auth");

/** What `init` needs to know. Made by {@link AppSettingsBuilder}. */
export class AppSettings {
  static readonly SUBSCRIPTION_TYPE_NONE = "NONE";
  static readonly SUBSCRIPTION_TYPE_ALL_USERS = "ALL_USERS";
  static readonly SUBSCRIPTION_TYPE_ROLES = "ROLES";
  static readonly SUBSCRIPTION_TYPE_FRIENDS = "FRIENDS";
  static readonly REGION_EU = "eu";
  static readonly REGION_US = "us";
  static readonly REGION_IN = "in";
  static readonly REGION_PRIVATE = "private";
  static readonly STORAGE_MODE_LOCAL = "local";
  static readonly STORAGE_MODE_SESSION = "session";

  subscriptionType: string = "NONE";
  roles: string[] | null = null;
  region: string = "eu";
  autoJoinGroup: boolean = true;
  establishSocketConnection: boolean = true;
  adminHost: string | null = null;
  clientHost: string | null = null;
  storageMode: string = "local";
  /** @internal */
  [EXTRAS]: Extras = {};

  getSubscriptionType(): string {
    return this.subscriptionType;
  }
  getRoles(): string[] | null {
    return this.roles;
  }
  getRegion(): string {
    return this.region;
  }
  getIsAutoJoinEnabled(): boolean {
    return this.autoJoinGroup;
  }
  shouldAutoEstablishSocketConnection(): boolean {
    return this.establishSocketConnection;
  }
  getAdminHost(): string | null {
    return this.adminHost;
  }
  getClientHost(): string | null {
    return this.clientHost;
  }
  getStorageMode(): string {
    return this.storageMode;
  }
}

/** What may stand in place of an {@link AppSettings}. */
export interface PlainSettings {
  region?: string | undefined;
  adminHost?: string | null | undefined;
  clientHost?: string | null | undefined;
  storageMode?: string | undefined;
  requestTimeout?: number | undefined;
  emulator?: string | undefined;
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
    return region === undefined || region === null ? this : this.#set({ region: String(region).toLowerCase() }, { region: true });
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
  build(): AppSettings {
    return this.#settings;
  }
}
