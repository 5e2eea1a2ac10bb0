/** Where the focus goes when its element disappears. */
import { useEffect } from "preact/hooks";

/**
 * Moves the focus to the section around an element that had it and was removed, such as the button
 * of a deleted row. The browser would give it to the page, and screen readers lose their place.
 */
export function useKeptFocus(main: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const root = main.current;
    if (root === null) {
      return;
    }
    let focused: Element | undefined;
    let around: readonly HTMLElement[] = [];
    const remember = ({ target }: FocusEvent): void => {
      focused = target instanceof Element ? target : undefined;
      around = focused ? sectionsAround(focused, root) : [];
    };
    const observer = new MutationObserver(() => {
      if (focused?.isConnected === false && document.activeElement === document.body) {
        around.find((element) => element.isConnected)?.focus({ preventScroll: true });
      }
    });
    root.addEventListener("focusin", remember);
    observer.observe(root, { childList: true, subtree: true });
    return () => {
      root.removeEventListener("focusin", remember);
      observer.disconnect();
    };
  }, []);
}

/** The focusable sections around an element, the innermost first, and the root. */
function sectionsAround(element: Element, root: HTMLElement): readonly HTMLElement[] {
  const sections: HTMLElement[] = [];
  let at = element.closest<HTMLElement>("section[tabindex]");
  while (at !== null) {
    sections.push(at);
    at = at.parentElement?.closest<HTMLElement>("section[tabindex]") ?? null;
  }
  return [...sections, root];
}
