import { CometChatException } from "./exception.js";

/** The fields of a user that are taken from an object as far as they are truthy, in the official client's order. */
const OPTIONAL = ["authToken", "avatar", "lastActiveAt", "link", "metadata", "role", "statusMessage"] as const;

/** All that a user has: what else the service says of one is not looked at. */
const KNOWN: readonly string[] = [...OPTIONAL, "uid", "name", "status", "tags", "deactivatedAt", "hasBlockedMe", "blockedByMe"];

/** What a {@link User} can be made of. */
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

  getUid(): string {
    return this.uid;
  }
  setUid(uid: string): void {
    this.uid = uid;
  }
  getName(): string {
    return this.name;
  }
  /** An empty name is ignored. */
  setName(name: string): void {
    if (name) this.name = name;
  }
  /** The auth token: of the logged-in user only. */
  getAuthToken(): string {
    return this.authToken;
  }
  setAuthToken(authToken: string): void {
    this.authToken = authToken;
  }
  /** The URL of the picture. */
  getAvatar(): string {
    return this.avatar;
  }
  setAvatar(avatar: string): void {
    this.avatar = avatar;
  }
  /** When the user was last connected, in seconds since 1970. */
  getLastActiveAt(): number {
    return this.lastActiveAt;
  }
  setLastActiveAt(lastActiveAt: number): void {
    this.lastActiveAt = lastActiveAt;
  }
  /** The URL of the user's page. */
  getLink(): string {
    return this.link;
  }
  setLink(link: string): string {
    return (this.link = link);
  }
  /** What the app keeps with the user. */
  getMetadata(): object {
    return this.metadata;
  }
  setMetadata(metadata: object): void {
    this.metadata = metadata;
  }
  getRole(): string {
    return this.role;
  }
  setRole(role: string): void {
    this.role = role;
  }
  /** `online` or `offline`. */
  getStatus(): string {
    return this.status;
  }
  setStatus(status: string): void {
    this.status = status;
  }
  getStatusMessage(): string {
    return this.statusMessage;
  }
  setStatusMessage(statusMessage: string): void {
    this.statusMessage = statusMessage;
  }
  getTags(): string[] {
    return this.tags;
  }
  setTags(tags: string[]): void {
    this.tags = tags;
  }
  /** When the user was deactivated, in seconds since 1970; 0 for an active user. */
  getDeactivatedAt(): number {
    return this.deactivatedAt;
  }
  setDeactivatedAt(deactivatedAt: number): void {
    this.deactivatedAt = deactivatedAt;
  }
  getBlockedByMe(): boolean {
    return this.blockedByMe;
  }
  setBlockedByMe(blockedByMe: boolean): void {
    this.blockedByMe = blockedByMe;
  }
  getHasBlockedMe(): boolean {
    return this.hasBlockedMe;
  }
  setHasBlockedMe(hasBlockedMe: boolean): void {
    this.hasBlockedMe = hasBlockedMe;
  }
}
