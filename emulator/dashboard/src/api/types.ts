/** The types of the requests and responses of the emulator's two APIs. */

/** `GET /emulator/v1`. */
export interface EmulatorInfo {
  readonly version: string;
  readonly url: string;
  readonly regions: readonly string[];
  readonly defaultApp: string;
  /** Whether a database file keeps the data. */
  readonly kept: boolean;
}

/** An app with its credentials. A key is empty when the app has none of that scope. */
export interface App {
  readonly id: string;
  readonly isDefault: boolean;
  readonly region: string;
  readonly authKey: string;
  readonly restApiKey: string;
  readonly users: number;
  readonly tokens: number;
  readonly requests: number;
  readonly faults: number;
  readonly offsetSeconds: number;
}

export type Outcome = "open" | "answered" | "dropped" | "hung" | "cut";

/** One request in the journal. Secrets are replaced by marks. */
export interface JournalEntry {
  readonly id: number;
  /** Grows whenever any entry changes. */
  readonly rev: number;
  /** UNIX milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly app: string | null;
  readonly uid: string | null;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly status: number | null;
  readonly code: string | null;
  readonly outcome: Outcome;
  readonly fault: number | null;
  readonly ms: number | null;
  readonly socket?: readonly unknown[];
}

export interface FaultMatch {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly app?: string;
  readonly uid?: string;
  readonly nth?: number;
}

export interface FaultAct {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly contentType?: string;
  readonly cors?: false;
  readonly delayMs?: number;
  readonly bodyDelayMs?: number;
  readonly truncate?: number;
  readonly hang?: "before" | "after" | "body";
  readonly drop?: "before" | "after";
}

/** A fault rule as it is sent. */
export interface FaultRule {
  readonly match?: FaultMatch;
  readonly times?: number;
  readonly act: FaultAct;
}

/** A fault rule in force. */
export interface ActiveFault extends FaultRule {
  readonly id: number;
  /** The app that it applies to, if it was made for one. */
  readonly app?: string | null;
  /** How many requests matched. */
  readonly seen: number;
  /** How many requests it affected. */
  readonly used: number;
}

export interface Clock {
  readonly offsetSeconds: number;
  /** UNIX seconds. */
  readonly now: number;
}

/** How the emulator reads what the service's documentation leaves open. */
export interface Readings {
  readonly singleUseTokens: boolean;
  readonly logoutKeepsToken: boolean;
  readonly strictAuthKeys: boolean;
}

export interface User {
  readonly uid: string;
  readonly name: string;
  readonly avatar?: string;
  readonly link?: string;
  readonly statusMessage?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly role: string;
  readonly tags?: readonly string[];
  /** UNIX seconds, as all times of the service. */
  readonly createdAt: number;
  readonly updatedAt?: number;
  readonly deactivatedAt?: number;
}

export interface AuthToken {
  readonly uid: string;
  readonly authToken: string;
  readonly createdAt: number;
  readonly platform?: string;
  readonly userAgent?: string;
}

export type KeyScope = "authOnly" | "fullAccess";

export interface ApiKey {
  readonly apiKey: string;
  readonly name: string;
  readonly scope: KeyScope;
  readonly createdAt: number;
}

export interface Role {
  readonly role: string;
  readonly name: string;
  readonly description?: string;
  readonly createdAt: number;
}

/** A permission that roles can have. */
export interface Permission {
  readonly id: string;
  readonly title: string;
  /** `string` for one of the values, otherwise an array of texts. */
  readonly dataType: string;
  /** Empty when any value is possible. */
  readonly availableValues: readonly string[];
  readonly defaultValue: unknown;
}

/** The permissions that a role sets, by id. */
export type Permissions = Readonly<Record<string, unknown>>;

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly page: number;
  readonly pages: number;
}
