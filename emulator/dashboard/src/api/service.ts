/** The service's REST API, as a server calls it: with the app's REST API key. */
import { ApiError, call, isRecord, type CallOptions } from "./http.ts";
import type {
  ApiKey,
  App,
  AuthToken,
  KeyScope,
  Page,
  Permission,
  Permissions,
  Role,
  User,
} from "./types.ts";

/** The fields of an app that a call needs. */
export type Credentials = Pick<App, "id" | "restApiKey">;

/** The app has no REST API key, so its REST API cannot be called. */
export const NO_REST_API_KEY = "NO_REST_API_KEY";

async function envelope(
  app: Credentials,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Record<string, unknown>> {
  if (app.restApiKey === "") {
    throw new ApiError(
      NO_REST_API_KEY,
      `The app ${app.id} has no API key with full access, so its users cannot be read. Add one to its seed, or reset the app.`,
      0,
    );
  }
  const headers = { appId: app.id, apiKey: app.restApiKey };
  const value = await call(method, `/v3${path}`, { ...options, headers });
  return isRecord(value) ? value : {};
}

async function one<T>(...parameters: Parameters<typeof envelope>): Promise<T> {
  return (await envelope(...parameters))["data"] as T;
}

async function list<T>(
  app: Credentials,
  path: string,
  query: NonNullable<CallOptions["query"]>,
): Promise<Page<T>> {
  const { data, meta } = await envelope(app, "GET", path, { query });
  const pagination = isRecord(meta) && isRecord(meta["pagination"]) ? meta["pagination"] : {};
  return {
    items: Array.isArray(data) ? (data as T[]) : [],
    total: Number(pagination["total"] ?? 0),
    page: Number(pagination["current_page"] ?? 1),
    pages: Number(pagination["total_pages"] ?? 1),
  };
}

const userPath = (uid: string): string => `/users/${encodeURIComponent(uid)}`;
const tokensPath = (uid: string): string => `${userPath(uid)}/auth_tokens`;

export type UserFilter = "active" | "deactivated" | "all";

export interface UserQuery {
  search: string;
  filter: UserFilter;
  role: string;
  page: number;
}

/** How many users a page of the list has. */
export const USERS_PER_PAGE = 50;

export const listUsers = (app: Credentials, query: UserQuery): Promise<Page<User>> =>
  list(app, "/users", {
    searchKey: query.search || undefined,
    role: query.role || undefined,
    withDeactivated: query.filter === "all" || undefined,
    onlyDeactivated: query.filter === "deactivated" || undefined,
    withTags: true,
    perPage: USERS_PER_PAGE,
    page: query.page,
  });

/** A user, or undefined. A deactivated one is only found in lists, which leave its metadata out. */
export async function findUser(app: Credentials, uid: string): Promise<User | undefined> {
  try {
    return await one<User>(app, "GET", userPath(uid));
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "ERR_UID_NOT_FOUND")) {
      throw error;
    }
  }
  const found = await list<User>(app, "/users", {
    searchKey: uid,
    searchIn: "uid",
    onlyDeactivated: true,
    withTags: true,
    perPage: 1000,
  });
  return found.items.find((user) => user.uid === uid.toLowerCase());
}

export const createUser = (app: Credentials, fields: object): Promise<User> =>
  one(app, "POST", "/users", { body: fields });

export const updateUser = (app: Credentials, uid: string, fields: object): Promise<User> =>
  one(app, "PUT", userPath(uid), { body: fields });

export const deactivateUser = (app: Credentials, uid: string): Promise<unknown> =>
  one(app, "DELETE", userPath(uid), { body: {} });

export const reactivateUser = (app: Credentials, uid: string): Promise<unknown> =>
  one(app, "PUT", "/users", { body: { uidsToActivate: [uid] } });

export const deleteUser = (app: Credentials, uid: string): Promise<unknown> =>
  one(app, "DELETE", userPath(uid), { body: { permanent: true } });

export const listTokens = (app: Credentials, uid: string): Promise<Page<AuthToken>> =>
  list(app, tokensPath(uid), { perPage: 100 });

export const createToken = (app: Credentials, uid: string): Promise<AuthToken> =>
  one(app, "POST", tokensPath(uid), { body: {} });

export const revokeToken = (app: Credentials, { uid, authToken }: AuthToken): Promise<unknown> =>
  one(app, "DELETE", `${tokensPath(uid)}/${encodeURIComponent(authToken)}`);

export const revokeTokens = (app: Credentials, uid: string): Promise<unknown> =>
  one(app, "DELETE", tokensPath(uid));

export const listKeys = (app: Credentials): Promise<Page<ApiKey>> =>
  list(app, "/apikeys", { perPage: 100 });

export const createKey = (
  app: Credentials,
  fields: { name: string; scope: KeyScope },
): Promise<ApiKey> => one(app, "POST", "/apikeys", { body: fields });

export const updateKey = (
  app: Credentials,
  apiKey: string,
  fields: { name: string; scope: KeyScope },
): Promise<ApiKey> => one(app, "PUT", `/apikeys/${encodeURIComponent(apiKey)}`, { body: fields });

export const deleteKey = (app: Credentials, apiKey: string): Promise<unknown> =>
  one(app, "DELETE", `/apikeys/${encodeURIComponent(apiKey)}`);

export const listRoles = (app: Credentials): Promise<Page<Role>> =>
  list(app, "/roles", { perPage: 100 });

export const createRole = (app: Credentials, fields: object): Promise<Role> =>
  one(app, "POST", "/roles", { body: fields });

export const updateRole = (app: Credentials, role: string, fields: object): Promise<Role> =>
  one(app, "PUT", `/roles/${encodeURIComponent(role)}`, { body: fields });

export const deleteRole = (app: Credentials, role: string): Promise<unknown> =>
  one(app, "DELETE", `/roles/${encodeURIComponent(role)}`);

const permissionsPath = (role: string): string => `/roles/${encodeURIComponent(role)}/permissions`;

/** The permissions that exist; the service does not tell which ones a role sets. */
export const listPermissions = (app: Credentials, role: string): Promise<Page<Permission>> =>
  list(app, permissionsPath(role), { perPage: 100 });

export const setPermissions = (
  app: Credentials,
  role: string,
  permissions: Permissions,
): Promise<unknown> => one(app, "PUT", permissionsPath(role), { body: { permissions } });

export const unsetPermission = (app: Credentials, role: string, id: string): Promise<unknown> =>
  one(app, "DELETE", `${permissionsPath(role)}/${encodeURIComponent(id)}`);
