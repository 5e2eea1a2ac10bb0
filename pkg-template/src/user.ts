import { exception } from "./exception.js";
import { attempt, define, each, member } from "./own.js";

/**
 * The fields that a `User` takes from an object, in the official client's order. The uid and the
 * name are always set, the others if they are truthy.
 */
const FIELDS = [
  "uid",
  "name",
  "authToken",
  "avatar",
  "lastActiveAt",
  "link",
  "metadata",
  "role",
  "statusMessage",
  "status",
  "tags",
  "deactivatedAt",
] as const;

/** The fields of a user, as a plain object. */
export interface UserObj {
  /** The id. */
  uid?: string | undefined;
  /** The display name. */
  name?: string | undefined;
  /** The auth token. */
  authToken?: string | undefined;
  /** The URL of the picture. */
  avatar?: string | undefined;
  /** When the user was last connected, in seconds since 1970. */
  lastActiveAt?: number | undefined;
  /** The URL of the user's page. */
  link?: string | undefined;
  /** The app's own data about the user. */
  metadata?: object | undefined;
  /** The role, such as `default`. */
  role?: string | undefined;
  /** The status message. */
  statusMessage?: string | undefined;
  /** `online` or `offline`. */
  status?: string | undefined;
  /** The tags. */
  tags?: string[] | undefined;
  /** When the user was deactivated, in seconds since 1970. */
  deactivatedAt?: number | undefined;
}

/** A getter and a setter for each field of a user. They are defined in a loop, at the end. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see there
export interface User {
  /** The id; undefined for a user that was created without one. */
  getUid(): string | undefined;
  /** Sets the id. */
  setUid(uid: string): void;
  /** The display name; undefined for a user that was created without one. */
  getName(): string | undefined;
  /** An empty name is ignored. */
  setName(name: string): void;
  /** The auth token. Only the logged-in user has one. */
  getAuthToken(): string | undefined;
  /** Kept for the official client: changes this object, not the session. */
  setAuthToken(authToken: string): void;
  /** The URL of the picture. */
  getAvatar(): string | undefined;
  /** Sets the URL of the picture. */
  setAvatar(avatar: string): void;
  /** When the user was last connected, in seconds since 1970. */
  getLastActiveAt(): number | undefined;
  /** Sets when the user was last connected, in seconds since 1970. */
  setLastActiveAt(lastActiveAt: number): void;
  /** The URL of the user's page. */
  getLink(): string | undefined;
  /** Sets the URL of the user's page and returns it. */
  setLink(link: string): string;
  /** The app's own data about the user. */
  getMetadata(): object | undefined;
  /** Sets the app's own data about the user: any JSON object. */
  setMetadata(metadata: object): void;
  /** The role, such as `default`. */
  getRole(): string | undefined;
  /** Sets the role. The role must exist in the dashboard. */
  setRole(role: string): void;
  /** `online` or `offline`. */
  getStatus(): string | undefined;
  /** Sets `online` or `offline`, in this object. */
  setStatus(status: string): void;
  /** The status message. */
  getStatusMessage(): string | undefined;
  /** Sets the status message. */
  setStatusMessage(statusMessage: string): void;
  /** The tags. */
  getTags(): string[] | undefined;
  /** Sets the tags. */
  setTags(tags: string[]): void;
  /** When the user was deactivated, in seconds since 1970; 0 for an active user. */
  getDeactivatedAt(): number;
  /** Sets when the user was deactivated, in this object. */
  setDeactivatedAt(deactivatedAt: number): void;
  /** Whether the logged-in user has blocked this one. */
  getBlockedByMe(): boolean;
  /** Changes this object only; it does not block anyone. */
  setBlockedByMe(blockedByMe: boolean): void;
  /** Whether this user has blocked the logged-in one. */
  getHasBlockedMe(): boolean;
  /** Changes this object only; it does not block anyone. */
  setHasBlockedMe(hasBlockedMe: boolean): void;
}

/**
 * The user without its setters: what {@link SessionState} holds. `new User(user)` makes a copy to
 * change.
 */
export type ReadonlyUser = Omit<User, `set${string}`>;

/**
 * A user of the app. Each call and each listener gets an object of its own, so changing one changes
 * nothing else.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the methods exist
export class User {
  protected hasBlockedMe = false;
  protected blockedByMe = false;
  protected deactivatedAt = 0;
  declare protected uid: string;
  declare protected name: string;
  declare protected authToken: string;
  declare protected avatar: string;
  declare protected lastActiveAt: number;
  declare protected link: string;
  declare protected metadata: object;
  declare protected role: string;
  declare protected statusMessage: string;
  declare protected status: string;
  declare protected tags: string[];

  /**
   * A user with this id and, if given, this name.
   *
   * @param uid - The id.
   * @param name - The display name.
   * @throws CometChatException `MISSING_PARAMETERS` without arguments, or with more than two.
   */
  constructor(uid: string, name?: string);
  /**
   * A user with the fields of an object, or a copy of a user.
   *
   * @param user - The fields.
   */
  constructor(user: UserObj | ReadonlyUser);
  constructor(...args: unknown[]) {
    const from = args[0];
    if (args.length === 2 || (args.length === 1 && typeof from === "string")) {
      define(this, "uid", from);
      if (args.length === 2) define(this, "name", args[1]);
      return;
    }
    if (args.length !== 1) {
      const code = "MISSING_PARAMETERS";
      const message = "User takes (uid), (uid, name) or an object.";
      throw exception({ code, name: code, message });
    }
    each(FIELDS, (field, at) => {
      let value = member(from, field);
      if (field === "status") value = value && value !== "offline" ? "online" : "offline";
      if (value || at < 2) define(this, field, value);
    });
  }
}

/**
 * A user as the service describes one. Fields that `User` does not know are kept, but none replaces
 * a method or the prototype.
 */
export function profile(described: object): User {
  const user = new User(described);
  each(Object.keys(described), (name) => {
    if (!(name in user) && !(FIELDS as readonly string[]).includes(name))
      define(user, name, (described as Record<string, unknown>)[name]);
  });
  return user;
}

/** Defines the getter and the setter of a field. */
function defineAccessors(field: string): void {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  type Method = (this: Record<string, unknown>, value?: unknown) => unknown;
  const methods = User.prototype as unknown as Record<string, Method>;
  methods[`get${name}`] = function () {
    return this[field];
  };
  methods[`set${name}`] = function (value) {
    // As in the official client: an empty name is ignored, and only `setLink` returns its argument.
    if (value || field !== "name") this[field] = value;
    return field === "link" ? value : undefined;
  };
}

// Importing succeeds even if the page has broken the methods of strings.
attempt(() => {
  each(FIELDS, defineAccessors);
  defineAccessors("hasBlockedMe");
  defineAccessors("blockedByMe");
});
