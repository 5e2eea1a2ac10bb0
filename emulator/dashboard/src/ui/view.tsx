/** How every view is laid out. */
import type { ComponentChildren, JSX } from "preact";

export interface ViewHeaderProps {
  title: string;
  about?: ComponentChildren;
  children?: ComponentChildren;
}

export function ViewHeader({ title, about, children }: ViewHeaderProps): JSX.Element {
  return (
    <div class="view-header">
      <div class="view-title">
        <h2>{title}</h2>
        {about && <p>{about}</p>}
      </div>
      {children && <div class="view-actions">{children}</div>}
    </div>
  );
}

export interface PanelProps {
  title: string;
  about?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
  /** The content reaches the panel's edges: a table. */
  flush?: boolean;
}

/** A titled group of content. */
export function Panel({ title, about, actions, children, flush }: PanelProps): JSX.Element {
  return (
    <section class={flush ? "panel flush" : "panel"} aria-label={title} tabIndex={-1}>
      <header class="panel-header">
        <div>
          <h3>{title}</h3>
          {about && <p class="panel-about">{about}</p>}
        </div>
        {actions && <div class="panel-actions">{actions}</div>}
      </header>
      <div class="panel-body">{children}</div>
    </section>
  );
}

export interface SplitProps {
  list: ComponentChildren;
  /** What of the list is open. Narrow screens show it in place of the list. */
  detail: ComponentChildren | undefined;
}

export function Split({ list, detail }: SplitProps): JSX.Element {
  return (
    <div class={detail ? "split with-detail" : "split"}>
      <div class="split-list">{list}</div>
      {detail && <div class="split-detail">{detail}</div>}
    </div>
  );
}

/** Names and values. */
export function Facts({
  items,
}: {
  items: readonly (readonly [name: string, value: ComponentChildren])[];
}): JSX.Element {
  return (
    <dl class="facts">
      {items.map(([name, value]) => (
        <div key={name} class="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A text that may be long, in a box that scrolls; reachable by keyboard for that. */
export function CodeBlock({ code, label }: { code: string; label: string }): JSX.Element {
  return (
    <pre class="code-block" tabIndex={0} role="region" aria-label={label}>
      <code>{code}</code>
    </pre>
  );
}
