/** The emulator's seed users. The page has its own list, so it can show them before any request. */

export interface Person {
  uid: string;
  name: string;
}

export const PEOPLE: readonly Person[] = [
  { uid: "cometchat-uid-1", name: "Andrew Joseph" },
  { uid: "cometchat-uid-2", name: "George Alan" },
  { uid: "cometchat-uid-3", name: "Nancy Grace" },
  { uid: "cometchat-uid-4", name: "Susan Marie" },
  { uid: "cometchat-uid-5", name: "John Paul" },
  { uid: "superhero1", name: "Iron Man" },
  { uid: "superhero2", name: "Captain America" },
  { uid: "superhero3", name: "Spiderman" },
  { uid: "superhero4", name: "Wolverine" },
  { uid: "superhero5", name: "Cyclops" },
];

/** URL of the picture that the emulator draws for a uid. */
export function avatarUrl(emulatorUrl: string, uid: string): string {
  return `${emulatorUrl}/avatars/${encodeURIComponent(uid)}.svg`;
}

/** Initials for a picture that does not load: "Nancy Grace" → "NG", "Cyclops" → "C". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = [...(words[0] ?? "")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}
