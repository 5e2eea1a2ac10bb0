"use client";
/** React's side of it: one hook. */
import { useSyncExternalStore } from "react";
import { CometChat, observe, type User } from "./facade.js";

/** What the hook gives at the moment. React wants the same object until something has changed. */
let user: User | null | undefined;
let observing = false;
let asked = 0;
const components = new Set<() => void>();

/**
 * The logged-in user, or null where nobody is; undefined as long as that is not known: before `CometChat.init` has succeeded, and on a server. The
 * component renders again after every login and logout, in this tab or another, and when the user's data have changed.
 *
 * All components get the same object: to change something, use an object of your own (`CometChat.getLoggedinUser()`).
 */
export function useLoggedinUser(): User | null | undefined {
  return useSyncExternalStore(
    subscribe,
    () => user,
    () => undefined,
  );
}

function subscribe(component: () => void): () => void {
  components.add(component);
  // Once, and for good: what happens while no component looks must not be missed, and StrictMode subscribes twice.
  if (!observing) observe(refresh);
  observing = true;
  refresh();
  return () => components.delete(component);
}

function refresh(): void {
  const turn = ++asked;
  const set = (now: User | null | undefined) => {
    if (turn !== asked || JSON.stringify(now) === JSON.stringify(user)) return;
    user = now;
    for (const component of components) component();
  };
  // Without init nobody is known, and a component that is shown is no reason to load the WebAssembly.
  if (CometChat.isInitialized()) CometChat.getLoggedinUser().then(set, () => set(undefined));
  else set(undefined);
}
