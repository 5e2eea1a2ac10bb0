/** Line icons, drawn for this dashboard on a grid of 16. */
import type { JSX } from "preact";

const PATHS = {
  overview: "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5H9z",
  users:
    "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.8a2.5 2.5 0 0 1 0 4.4M12 9.9c1.5.6 2.5 1.9 2.5 3.6",
  requests: "M2.5 4h8M8 1.5 10.5 4 8 6.5M13.5 12h-8M8 9.5 5.5 12 8 14.5",
  faults: "M8.8 1.5 3.5 9h4l-.8 5.5L12.5 7h-4z",
  access: "M5.5 13.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6M7.6 8.4l5.9-5.9M11 5l2 2",
  settings:
    "M2 4.5h6M11.5 4.5H14M2 11.5h2.5M8 11.5h6M9.7 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4M6.2 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  check: "M3 8.5 6.5 12 13 4.5",
  plus: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  back: "M9.5 3.5 5 8l4.5 4.5",
  next: "M6.5 3.5 11 8l-4.5 4.5",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.5v9L12.5 8z",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9",
  edit: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7 11.3 7",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6",
  eyeOff:
    "M3 3l10 10M6.5 3.7A7 7 0 0 1 8 3.5C12 3.5 14.5 8 14.5 8a12 12 0 0 1-1.8 2.3M4 5.3A12 12 0 0 0 1.5 8S4 12.5 8 12.5c.9 0 1.8-.2 2.5-.5",
  download: "M8 2.5v7M5 7l3 3 3-3M2.5 13.5h11",
  upload: "M8 10.5v-8M5 5.5l3-3 3 3M2.5 13.5h11",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M10.3 10.3l3.2 3.2",
  clock: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12M8 4.8V8l2.2 1.5",
  warning: "M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1",
  power: "M8 2v5.5M4.5 4.3a5 5 0 1 0 7 0",
  theme: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 2v12a6 6 0 0 0 0-12",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a text, or in a control that has a name of its own. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The emulator's mark. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect class="mark-ground" width="32" height="32" rx="7" />
      <path class="mark-tail" d="M6 26 17.5 14.5M6 19.5l7.5-7.5M12.5 26l7.5-7.5" />
      <circle class="mark-head" cx="21" cy="11" r="5.5" />
    </svg>
  );
}
