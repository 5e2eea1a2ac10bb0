import type { ComponentChildren, JSX } from "preact";
import { useId, useRef } from "preact/hooks";

export interface TabsProps {
  label: string;
  tabs: readonly (readonly [value: string, text: string])[];
  value: string;
  onChange: (value: string) => void;
  /** The content of the chosen tab. */
  children: ComponentChildren;
}

/** Tabs: one stop for Tab, arrow keys between them. */
export function Tabs({ label, tabs, value, onChange, children }: TabsProps): JSX.Element {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(([tab]) => tab === value);
    const count = tabs.length;
    const next = {
      ArrowRight: (at + 1) % count,
      ArrowLeft: (at + count - 1) % count,
      Home: 0,
      End: count - 1,
    }[event.key];
    const tab = next === undefined ? undefined : tabs[next];
    if (next !== undefined && tab) {
      event.preventDefault();
      onChange(tab[0]);
      const button = list.current?.children[next];
      if (button instanceof HTMLElement) {
        button.focus();
      }
    }
  };
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map(([tab, text]) => (
          <button
            key={tab}
            type="button"
            role="tab"
            class="tab"
            id={`${id}-${tab}`}
            aria-selected={tab === value}
            aria-controls={`${id}-panel`}
            tabIndex={tab === value ? 0 : -1}
            onClick={() => onChange(tab)}
          >
            {text}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </div>
  );
}
