import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { navigate } from "../route.ts";
import { IconButton } from "./button.tsx";
import { focusRow } from "./rows.tsx";

export interface DetailProps {
  /** The row that it was opened from. */
  rowKey: string;
  title: ComponentChildren;
  label: string;
  /** Where closing leads. */
  closeHref: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** What a row opens, beside the table or in its place. */
export function Detail(props: DetailProps): JSX.Element {
  const { rowKey, title, label, closeHref, actions, children } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  // Before the next paint: on narrow screens the table is hidden then, and the row loses the focus.
  useLayoutEffect(() => {
    // Opened from the table: go on reading here. Opened by its address: the page begins at its top.
    if (document.activeElement?.classList.contains("row-link")) {
      heading.current?.focus({ preventScroll: true });
    }
  }, [rowKey]);
  const close = (): void => {
    navigate(closeHref);
    focusRow(rowKey);
  };
  return (
    <section
      class="detail"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) {
          close();
        }
      }}
    >
      <header class="detail-header">
        <IconButton label="Close details" icon="close" onClick={close} />
        <h3 ref={heading} tabIndex={-1}>
          {title}
        </h3>
        {actions && <div class="detail-actions">{actions}</div>}
      </header>
      <div class="detail-body">{children}</div>
    </section>
  );
}
