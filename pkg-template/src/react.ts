"use client";
/** The React binding: one hook on the session store. */
import { useSyncExternalStore } from "react";
import { CometChat, observe, type User } from "./facade.js";

/**
 * The logged-in user; null if no user is logged in; undefined as long as that is not known: before
 * `CometChat.init` has succeeded, and on a server. The component renders again after every login
 * and logout and when the user's data have changed, in this tab or another.
 *
 * All components get the same object. To change something, use a copy: `new User(user)`.
 *
 * @returns The user, null or undefined.
 * @example
 * ```tsx
 * const user = useLoggedinUser();
 * return <p>{user ? `Hello ${user.getName()}` : "Log in"}</p>;
 * ```
 */
export function useLoggedinUser(): User | null | undefined {
  return useSyncExternalStore(observe, getUser, () => undefined);
}

function getUser(): User | null | undefined {
  const { status, user } = CometChat.session.get();
  return status === "unknown" ? undefined : (user as User | null);
}
