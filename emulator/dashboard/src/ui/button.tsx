import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps {
  children: ComponentChildren;
  onClick?: () => void;
  kind?: "plain" | "primary" | "danger" | "quiet";
  icon?: IconName;
  type?: "button" | "submit";
  /** The action runs: the button keeps its place and its focus, and does nothing. */
  busy?: boolean;
  disabled?: boolean;
  /** Gets the focus when its dialog opens. */
  autofocus?: boolean;
}

export function Button(props: ButtonProps): JSX.Element {
  const { children, onClick, kind = "plain", icon, type = "button", busy = false } = props;
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={props.disabled ?? false}
      autofocus={props.autofocus ?? false}
      aria-busy={busy}
      onClick={() => !busy && onClick?.()}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export interface IconButtonProps {
  /** The name for screen readers, and the tooltip. */
  label: string;
  icon: IconName;
  onClick: () => void;
  danger?: boolean;
  pressed?: boolean;
}

export function IconButton({
  label,
  icon,
  onClick,
  danger = false,
  pressed,
}: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={danger ? "icon-button danger" : "icon-button"}
      aria-label={label}
      title={label}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

export interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  /** What stands below the label. */
  children?: ComponentChildren;
}

/** A setting that takes effect at once. The whole row is its label. */
export function Switch({ checked, onChange, label, children }: SwitchProps): JSX.Element {
  return (
    <div class={checked ? "switch-row on" : "switch-row"}>
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={checked}
        aria-label={label}
        onClick={() => onChange(!checked)}
      >
        <span class="switch-knob" />
      </button>
      <div class="switch-text">
        <div class="switch-label" aria-hidden="true">
          {label}
        </div>
        {children}
      </div>
    </div>
  );
}
