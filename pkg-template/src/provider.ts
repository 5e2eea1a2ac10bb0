/** Gives a fresh auth token, which your server made. */
export type TokenProvider = () => string | Promise<string>;
