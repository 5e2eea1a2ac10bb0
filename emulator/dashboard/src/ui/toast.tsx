/** Short messages about what was just done. */
import type { JSX } from "preact";
import { createStore, useStore } from "../store.ts";

interface Toast {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 4000;
const toasts = createStore<readonly Toast[]>([]);
let last = 0;

/** Shows a message for a moment, and has screen readers say it. */
export function toast(text: string): void {
  const id = ++last;
  toasts.set([...toasts.get().slice(-2), { id, text }]);
  setTimeout(() => toasts.set(toasts.get().filter((other) => other.id !== id)), SHOWN_MS);
}

/** Where they appear. It has to be there before the first message, or it is not announced. */
export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {useStore(toasts).map(({ id, text }) => (
        <div key={id} class="toast">
          {text}
        </div>
      ))}
    </div>
  );
}
