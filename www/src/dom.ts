/**
 * Creates elements. Content is always set as text, never as HTML, so a text of the service cannot
 * become markup.
 */

type Child = Node | string | null;

interface Props {
  class?: string;
  /** Plain attributes; `true` is an attribute without value, `false` leaves it out. */
  attrs?: Record<string, string | boolean>;
  on?: { [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void };
}

export function el<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  if (props.class !== undefined) {
    element.className = props.class;
  }
  for (const [name, value] of Object.entries(props.attrs ?? {})) {
    if (value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  for (const [type, handler] of Object.entries(props.on ?? {})) {
    element.addEventListener(type, handler as EventListener);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * Returns the element of index.html with this id. A missing id is a programming error and throws.
 */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) {
    throw new Error(`index.html has no element with the id ${id}`);
  }
  return element;
}

/** Moves the focus to a heading or message and scrolls to it, without making it a tab stop. */
export function focusOn(element: HTMLElement): void {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

/**
 * Marks a button as busy. It does not use `disabled`, because that would drop the keyboard focus.
 */
export function setBusy(button: HTMLButtonElement, busy: boolean): void {
  button.toggleAttribute("data-busy", busy);
  if (busy) {
    button.setAttribute("aria-disabled", "true");
  } else {
    button.removeAttribute("aria-disabled");
  }
}
