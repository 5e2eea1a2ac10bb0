/** Building elements. Text always goes in as text: there is no way here to hand over HTML, so nothing the service says can become markup. */

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

/** The element of index.html with this id. It is there by construction; a typing slip should be loud. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) {
    throw new Error(`index.html has no element with the id ${id}`);
  }
  return element;
}

/** Moves the focus to something that is not a control (a heading, a message) and shows it, without making it a tab stop. */
export function focusOn(element: HTMLElement): void {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

/** A button that keeps its place in the tab order while something runs: `disabled` would drop the keyboard user's focus. */
export function setBusy(button: HTMLButtonElement, busy: boolean): void {
  button.toggleAttribute("data-busy", busy);
  if (busy) {
    button.setAttribute("aria-disabled", "true");
  } else {
    button.removeAttribute("aria-disabled");
  }
}
