import { CometChatException } from "./exception.js";

/** The fields of a user that are taken from an object as far as they are truthy, in the official client's order. */
const OPTIONAL = ["authToken", "avatar", "lastActiveAt", "link", "metadata", "role", "statusMessage"] as const;

/** All that a user has: what else the service says of one is not looked at. */
const KNOWN: readonly string[] = [...OPTIONAL, "uid", "name", "status", "tags", "deactivatedAt", "hasBlockedMe", "blockedByMe"];

/** What a `User` can be made of. */
export interface UserObj {
  uid?: string | undefined;
  name?: string | undefined;
  authToken?: string | undefined;
  avatar?: string | undefined;
  lastActiveAt?: number | undefined;
  link?: string | undefined;
  metadata?: object | undefined;
  role?: string | undefined;
  statusMessage?: string | undefined;
  status?: string | undefined;
  tags?: string[] | undefined;
  deactivatedAt?: number | undefined;
}

/** What a user tells and is told, one pair of methods for each field. */
export interface User {
  getUid(): string;
  setUid(uid: string): void;
  getName(): string;
  /** An empty name is ignored. */
  setName(name: string): void;
  /** The auth token: of the logged-in user only. */
  getAuthToken(): string;
  setAuthToken(authToken: string): void;
  /** The URL of the picture. */
  getAvatar(): string;
  setAvatar(avatar: string): void;
  /** When the user was last connected, in seconds since 1970. */
  getLastActiveAt(): number;
  setLastActiveAt(lastActiveAt: number): void;
  /** The URL of the user's page. */
  getLink(): string;
  setLink(link: string): string;
  /** What the app keeps with the user. */
  getMetadata(): object;
  setMetadata(metadata: object): void;
  getRole(): string;
  setRole(role: string): void;
  /** `online` or `offline`. */
  getStatus(): string;
  setStatus(status: string): void;
  getStatusMessage(): string;
  setStatusMessage(statusMessage: string): void;
  getTags(): string[];
  setTags(tags: string[]): void;
  /** When the user was deactivated, in seconds since 1970; 0 for an active user. */
  getDeactivatedAt(): number;
  setDeactivatedAt(deactivatedAt: number): void;
  getBlockedByMe(): boolean;
  setBlockedByMe(blockedByMe: boolean): void;
  getHasBlockedMe(): boolean;
  setHasBlockedMe(hasBlockedMe: boolean): void;
}

/** A user of the app. A plain object of its own each time: changing one changes nothing else. */
export class User {
  protected hasBlockedMe = false;
  protected blockedByMe = false;
  protected deactivatedAt = 0;
  protected declare uid: string;
  protected declare name: string;
  protected declare authToken: string;
  protected declare avatar: string;
  protected declare lastActiveAt: number;
  protected declare link: string;
  protected declare metadata: object;
  protected declare role: string;
  protected declare statusMessage: string;
  protected declare status: string;
  protected declare tags: string[];

  /** @throws CometChatException `MISSING_PARAMETERS` without arguments, or with more than two. */
  constructor(uid: string, name?: string);
  constructor(user: UserObj);
  constructor(...args: [unknown, string?]) {
    const [from, name] = args;
    if (args.length < 1 || args.length > 2) {
      throw new CometChatException({
        code: "MISSING_PARAMETERS",
        name: "MISSING_PARAMETERS",
        message: "User takes (uid), (uid, name) or an object.",
      });
    }
    if (args.length === 2 || typeof from === "string") {
      this.uid = from as string;
      if (args.length === 2) this.name = name as string;
      return;
    }
    const user: UserObj = Object(from);
    this.uid = user.uid as string;
    this.name = user.name as string;
    for (const field of OPTIONAL) if (user[field]) (this as Record<string, unknown>)[field] = user[field];
    this.status = user.status && user.status !== "offline" ? "online" : "offline";
    if (user.tags) this.tags = user.tags;
    if (user.deactivatedAt) this.deactivatedAt = user.deactivatedAt;
  }

  /** @internal A user as the service describes one: fields that no User knows are kept as they are. */
  static of(described: Record<string, unknown>): User {
    const user = new User(described as UserObj);
    for (const field in described) if (!KNOWN.includes(field)) (user as unknown as Record<string, unknown>)[field] = described[field];
    return user;
  }
}

for (const field of KNOWN) {
  const name = field.replace(/^./, (letter) => letter.toUpperCase());
  const methods: Record<string, (this: Record<string, unknown>, value?: unknown) => unknown> = User.prototype as never;
  methods[`get${name}`] = function () {
    return this[field];
  };
  methods[`set${name}`] = function (value) {
    // An empty name is ignored; of the setters that of the link returns what it was given: both as in the official client.
    if (value || field !== "name") this[field] = value;
    return field === "link" ? value : undefined;
  };
}
