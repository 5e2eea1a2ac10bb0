/** Gets a fresh auth token from your server. */
export type TokenProvider = () => string | Promise<string>;
