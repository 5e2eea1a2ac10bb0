import { each } from "./own.js";
import { User, type UserObj } from "./user.js";

/** An object inside a user: the index of the piece that holds it, and under which name. */
interface Piece {
  value: object;
  holder: number;
  name: string;
}

/**
 * The session's user as the core last reported it. It is kept in pieces: a copy takes a third of the time
 * that `JSON.parse` takes, however deep the metadata is. Nobody gets to see the pieces.
 */
export class UserCache {
  #text = "";
  /** Undefined while a text is read: if reading throws, there is no user to copy. */
  #pieces: Piece[] | undefined = [];

  /** Takes a user as JSON; `null` or an empty text for none. Returns whether it differs from the last. */
  set(text: string): boolean {
    if (text === this.#text) return false;
    this.#text = text;
    this.#pieces = undefined;
    const user = text ? (JSON.parse(text) as UserObj | null) : null;
    const pieces: Piece[] = user ? [{ value: new User(user), holder: 0, name: "" }] : [];
    // The list grows while it is gone through.
    each(pieces, ({ value }, holder) => {
      each(Object.keys(value), (name) => {
        const inner = (value as Record<string, unknown>)[name];
        if (inner && typeof inner === "object") pieces.push({ value: inner, holder, name });
      });
    });
    this.#pieces = pieces;
    return true;
  }

  /** A copy of the user, down to the last object; null if there is none. */
  copy(): User | null {
    if (!this.#pieces) throw new Error("The session's user could not be read.");
    const copies: Record<string, unknown>[] = [];
    each(this.#pieces, ({ value, holder, name }, at) => {
      const copy = (Array.isArray(value)
        ? value.slice()
        : at
          ? { ...value }
          : { __proto__: User.prototype, ...value }) as unknown as Record<string, unknown>;
      copies.push(copy);
      const parent = at ? copies[holder] : undefined;
      if (parent) parent[name] = copy;
    });
    return (copies[0] as unknown as User | undefined) ?? null;
  }
}
