/** The users the emulator is seeded with. The page knows them by name, so that it can offer them before it has talked to anybody. */

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

/** The picture the emulator draws for a uid. */
export function avatarUrl(emulatorUrl: string, uid: string): string {
  return `${emulatorUrl}/avatars/${encodeURIComponent(uid)}.svg`;
}

/** "Nancy Grace" → "NG", "Cyclops" → "C"; what stands in for a picture that does not load. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = [...(words[0] ?? "")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}
