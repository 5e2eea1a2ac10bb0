/** Tables whose rows open something: one stop for Tab, arrow keys between the rows. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

export interface Column {
  readonly title: string;
  /** Class of the column's cells, for widths and for what narrow screens leave out. */
  readonly name: string;
  /** Read by screen readers, not shown. */
  readonly hidden?: boolean;
}

export interface Row {
  readonly key: string;
  readonly href: string;
  /** What the link in the first column says. */
  readonly link: ComponentChildren;
  /** The name of the link, where its text is not enough. */
  readonly label?: string;
  readonly cells: readonly ComponentChildren[];
  readonly tone?: "muted" | "bad" | "warn" | undefined;
}

export interface RowTableProps {
  label: string;
  columns: readonly Column[];
  rows: readonly Row[];
  /** The key of the open row. */
  current: string | undefined;
  /** Which cell has the link. */
  linkColumn?: number;
  /** Class of the table, for the widths of its columns. */
  name?: string;
}

const rowId = (key: string): string => `row-${encodeURIComponent(key)}`;

/** So many frames a table may take to appear again. */
const FRAMES = 5;

/** Gives the focus back to a row, after what it opened was closed. */
export function focusRow(key: string, frames = FRAMES): void {
  requestAnimationFrame(() => {
    const row = document.getElementById(rowId(key));
    row?.focus();
    // On narrow screens the table is hidden until the next render.
    if (document.activeElement !== row && frames > 1) {
      focusRow(key, frames - 1);
    }
  });
}

export function RowTable(props: RowTableProps): JSX.Element {
  const { label, columns, rows, current, linkColumn = 0, name = "" } = props;
  const [active, setActive] = useState<string | undefined>(undefined);
  const stop =
    [active, current].find((key) => key !== undefined && rows.some((row) => row.key === key)) ??
    rows[0]?.key;
  const move = (event: KeyboardEvent): void => {
    const at = rows.findIndex(({ key }) => key === stop);
    const last = rows.length - 1;
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    const row = rows[Math.min(Math.max(next, 0), last)];
    if (row) {
      setActive(row.key);
      document.getElementById(rowId(row.key))?.focus();
    }
  };
  return (
    <table class={`rows ${name}`} aria-label={label} role="table" onKeyDown={move}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title, name, hidden }) => (
            <th key={name} scope="col" role="columnheader" class={`col-${name}`}>
              {hidden ? <span class="visually-hidden">{title}</span> : title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={row.key} role="row" class={row.key === current ? "row current" : "row"}>
            {columns.map(({ name }, at) => (
              <td key={name} role="cell" class={`col-${name} ${row.tone ?? ""}`}>
                {at === linkColumn ? (
                  <a
                    id={rowId(row.key)}
                    class="row-link"
                    href={row.href}
                    tabIndex={row.key === stop ? 0 : -1}
                    {...(row.label === undefined ? {} : { "aria-label": row.label })}
                    {...(row.key === current ? { "aria-current": "true" as const } : {})}
                    onFocus={() => setActive(row.key)}
                  >
                    {row.link}
                  </a>
                ) : (
                  row.cells[at]
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
