import { exception } from "./exception.js";

/** The fields of a user that are taken from an object as far as they are truthy, in the official client's order; the status says something in any case. */
const OPTIONAL = [
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

/** All that a user has: what else the service says of one is not looked at. */
const KNOWN: readonly string[] = [...OPTIONAL, "uid", "name", "hasBlockedMe", "blockedByMe"];

/** What a `User` can be made of. */
export interface UserObj {
  /** The id. */
  uid?: string | undefined;
  /** The name to show. */
  name?: string | undefined;
  /** The auth token. */
  authToken?: string | undefined;
  /** The URL of the picture. */
  avatar?: string | undefined;
  /** When the user was last connected, in seconds since 1970. */
  lastActiveAt?: number | undefined;
  /** The URL of the user's page. */
  link?: string | undefined;
  /** What the app keeps with the user. */
  metadata?: object | undefined;
  /** The role, such as `default`. */
  role?: string | undefined;
  /** What the user says of himself. */
  statusMessage?: string | undefined;
  /** `online` or `offline`. */
  status?: string | undefined;
  /** The tags. */
  tags?: string[] | undefined;
  /** When the user was deactivated, in seconds since 1970. */
  deactivatedAt?: number | undefined;
}

/** What a user tells and is told, one pair of methods for each field. */
export interface User {
  /** The id; undefined for a user made without one. */
  getUid(): string;
  /** Sets the id. */
  setUid(uid: string): void;
  /** The name to show; undefined for a user made without one. */
  getName(): string;
  /** An empty name is ignored. */
  setName(name: string): void;
  /** The auth token: of the logged-in user only. */
  getAuthToken(): string;
  /** Kept for the official client: changes this object, not the session. */
  setAuthToken(authToken: string): void;
  /** The URL of the picture. */
  getAvatar(): string;
  /** Sets the URL of the picture. */
  setAvatar(avatar: string): void;
  /** When the user was last connected, in seconds since 1970. */
  getLastActiveAt(): number;
  /** Sets when the user was last connected, in seconds since 1970. */
  setLastActiveAt(lastActiveAt: number): void;
  /** The URL of the user's page. */
  getLink(): string;
  /** Sets the URL of the user's page, and gives it back. */
  setLink(link: string): string;
  /** What the app keeps with the user. */
  getMetadata(): object;
  /** Sets what the app keeps with the user: any JSON object. */
  setMetadata(metadata: object): void;
  /** The role, such as `default`. */
  getRole(): string;
  /** Sets the role; the service has to know it. */
  setRole(role: string): void;
  /** `online` or `offline`. */
  getStatus(): string;
  /** Sets `online` or `offline`, in this object. */
  setStatus(status: string): void;
  /** What the user says of himself. */
  getStatusMessage(): string;
  /** Sets what the user says of himself. */
  setStatusMessage(statusMessage: string): void;
  /** The tags. */
  getTags(): string[];
  /** Sets the tags. */
  setTags(tags: string[]): void;
  /** When the user was deactivated, in seconds since 1970; 0 for an active user. */
  getDeactivatedAt(): number;
  /** Sets when the user was deactivated, in this object. */
  setDeactivatedAt(deactivatedAt: number): void;
  /** Whether the logged-in user has blocked this one. */
  getBlockedByMe(): boolean;
  /** Changes this object, and blocks nobody. */
  setBlockedByMe(blockedByMe: boolean): void;
  /** Whether this user has blocked the logged-in one. */
  getHasBlockedMe(): boolean;
  /** Changes this object, and blocks nobody. */
  setHasBlockedMe(hasBlockedMe: boolean): void;
}

/** A user of the app. A plain object of its own each time: changing one changes nothing else. */
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

  /** A user with this id, and this name. @throws CometChatException `MISSING_PARAMETERS` without arguments, or with more than two. */
  constructor(uid: string, name?: string);
  /** A user with what the object says. */
  constructor(user: UserObj);
  constructor(...args: [unknown, string?]) {
    const [from, name] = args;
    if (args.length === 2) {
      this.uid = from as string;
      this.name = name as string;
      return;
    }
    if (args.length !== 1) {
      throw exception("MISSING_PARAMETERS", "User takes (uid), (uid, name) or an object.");
    }
    if (typeof from === "string") {
      this.uid = from;
      return;
    }
    const user: UserObj = Object(from);
    this.uid = user.uid as string;
    this.name = user.name as string;
    for (const field of OPTIONAL) {
      let value: unknown = user[field];
      if (field === "status") value = value && value !== "offline" ? "online" : "offline";
      if (value) (this as Record<string, unknown>)[field] = value;
    }
  }
}

/** A user as the service describes one: fields that no User knows are kept as they are. */
export function profile(described: Record<string, unknown>): User {
  const user = new User(described as UserObj);
  for (const field in described)
    if (!KNOWN.includes(field))
      (user as unknown as Record<string, unknown>)[field] = described[field];
  return user;
}

for (const field of KNOWN) {
  const name = field[0]!.toUpperCase() + field.slice(1);
  const methods: Record<string, (this: Record<string, unknown>, value?: unknown) => unknown> =
    User.prototype as never;
  methods[`get${name}`] = function () {
    return this[field];
  };
  methods[`set${name}`] = function (value) {
    // An empty name is ignored; of the setters that of the link returns what it was given: both as in the official client.
    if (value || field !== "name") this[field] = value;
    return field === "link" ? value : undefined;
  };
}
