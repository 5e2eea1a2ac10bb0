/** The documents and entries of the emulator. */

import type { SeedKey, SeedRole, SeedToken, SeedUser } from "./seed-types.js";

export type { SeedKey, SeedRole, SeedToken, SeedUser };

/** The content of an app. Left out: the ten test users, two keys. */
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

/** A fault rule: which requests fail, and how. */
export interface FaultRule {
  match?: {
    method?: string;
    /** A regular expression, searched in the path. */
    path?: string;
    /** A regular expression, searched in the Host header. */
    host?: string;
    app?: string;
    uid?: string;
    /** The first matching request to which the rule applies, counted from 1. */
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

/** An active fault rule. */
export interface ActiveFault extends FaultRule {
  id: number;
  app?: string;
  /** How often it matched, and how often it was applied. */
  seen: number;
  used: number;
  source: "seed" | "api";
}

/** An entry of the journal. Marks such as `*** 1f3a9c22` replace secrets, equal ones equally. */
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
  /** The id of the fault rule that applied. */
  fault: number | null;
  ms: number | null;
  socket?: ({ received: unknown } | { sent: unknown } | { closed: unknown })[];
}

/** Choices where the documentation contradicts itself, and rate limits (0 means none). */
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

/** The address of an app, and its keys: plain data for other processes and pages. */
export interface AppInfo {
  url: string;
  appId: string;
  region: string;
  authKey: string;
  restApiKey: string;
}
