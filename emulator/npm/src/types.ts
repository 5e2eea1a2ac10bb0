/** The documents and entries of the emulator. */

/** A user in a seed document. */
export interface SeedUser {
  uid: string;
  name: string;
  avatar?: string;
  link?: string;
  statusMessage?: string;
  metadata?: Record<string, unknown>;
  role?: string;
  tags?: string[];
  /** Whether the user is a bot. Bots get no auth tokens. */
  bot?: boolean;
  /** UNIX seconds, as all times here; now if left out. */
  createdAt?: number;
  updatedAt?: number;
  deactivatedAt?: number;
}

/** A role in a seed document. */
export interface SeedRole {
  role: string;
  name: string;
  description?: string;
  metadata?: Record<string, unknown>;
  settings?: Record<string, unknown>;
  /** By id, where they differ from the defaults. */
  permissions?: Record<string, unknown>;
  createdAt?: number;
  updatedAt?: number;
}

/** An API key in a seed document: `authOnly` is an Auth Key, `fullAccess` a REST API key. */
export interface SeedKey {
  apiKey: string;
  scope: "authOnly" | "fullAccess";
  name?: string;
  createdAt?: number;
}

/** An auth token in a seed document. */
export interface SeedToken {
  authToken: string;
  uid: string;
  createdAt?: number;
  platform?: string;
  userAgent?: string;
  appInfo?: Record<string, unknown>;
  deviceId?: string;
  jwt?: string;
  channelSecret?: string;
  used?: boolean;
  /** Whether it outlives logging out. */
  pinned?: boolean;
}

/** What an app begins with. Left out: the ten test users, two keys. */
export interface AppContent {
  users?: SeedUser[];
  keys?: SeedKey[];
  roles?: SeedRole[];
  tokens?: SeedToken[];
  faults?: FaultRule[];
}

/** An app in a seed document. */
export interface SeedApp extends AppContent {
  id: string;
}

/** A seed document; a snapshot has the same form. `seed.schema.json` describes it for editors. */
export interface SeedDocument {
  $schema?: string;
  version?: 1;
  apps: SeedApp[];
  faults?: FaultRule[];
}

/** Which requests go wrong, and how. */
export interface FaultRule {
  match?: {
    method?: string;
    /** A regular expression, searched in the path. */
    path?: string;
    /** A regular expression, searched in the Host header. */
    host?: string;
    app?: string;
    uid?: string;
    /** From the n-th matching request on, counted from 1. */
    nth?: number;
  };
  times?: number;
  act: {
    status?: number;
    body?: unknown;
    headers?: Record<string, string | null>;
    contentType?: string;
    cors?: false;
    delayMs?: number;
    bodyDelayMs?: number;
    truncate?: number;
    hang?: "before" | "after" | "body";
    drop?: "before" | "after";
  };
}

/** A fault rule in force. */
export interface ActiveFault extends FaultRule {
  id: number;
  app?: string;
  /** How often it matched, and how often it took effect. */
  seen: number;
  used: number;
  source: "seed" | "api";
}

/** An entry of the journal. Marks such as `*** 1f3a9c22` stand for secrets: the same mark for the same secret. */
export interface JournalEntry {
  id: number;
  rev: number;
  /** UNIX milliseconds. */
  at: number;
  method: string;
  host: string;
  path: string;
  query: Record<string, string>;
  app: string | null;
  uid: string | null;
  headers: Record<string, string>;
  body: unknown;
  status: number | null;
  code: string | null;
  outcome: "open" | "answered" | "dropped" | "hung" | "cut";
  /** The id of the fault rule that took part. */
  fault: number | null;
  ms: number | null;
  socket?: ({ received: unknown } | { sent: unknown } | { closed: unknown })[];
}

/** How the emulator reads a documentation that says several things, and its rate limits a minute and app (0: none). */
export interface Readings {
  singleUseTokens: boolean;
  logoutKeepsToken: boolean;
  strictAuthKeys: boolean;
  coreLimit: number;
  standardLimit: number;
}

/** A user, as the REST API shows it. */
export interface User {
  uid: string;
  name: string;
  [field: string]: unknown;
}

/** Where an app is, and its keys. Plain data: it can be handed to other processes and to pages. */
export interface AppInfo {
  url: string;
  appId: string;
  region: string;
  authKey: string;
  restApiKey: string;
}
