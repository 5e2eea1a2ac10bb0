/** What a view shows when it has nothing, waits, or failed; and small marks. */
import type { ComponentChildren, JSX } from "preact";
import { ApiError, messageOf } from "../api/http.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

export interface EmptyProps {
  title: string;
  children?: ComponentChildren;
}

export function Empty({ title, children }: EmptyProps): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <div class="empty-text">{children}</div>}
    </div>
  );
}

export function Loading({ what }: { what: string }): JSX.Element {
  return (
    <p class="loading" role="status">
      Loading {what} …
    </p>
  );
}

export interface ErrorBoxProps {
  error: unknown;
  onRetry?: () => void;
  /** Fields whose errors stand elsewhere. */
  except?: readonly string[];
}

export function ErrorBox({ error, onRetry, except = [] }: ErrorBoxProps): JSX.Element {
  const details = error instanceof ApiError ? Object.entries(error.details) : [];
  const others = details.filter(([field]) => !except.includes(field));
  return (
    <div class="error-box" role="alert">
      <Icon name="warning" />
      <div class="error-content">
        <p>{messageOf(error)}</p>
        {others.length > 0 && (
          <ul>
            {others.flatMap(([field, messages]) =>
              messages.map((message) => <li key={field + message}>{message}</li>),
            )}
          </ul>
        )}
        {error instanceof ApiError && error.status > 0 && (
          <p class="error-code">
            <code>{error.code}</code> · HTTP {error.status}
          </p>
        )}
      </div>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export type Tone = "ok" | "warn" | "bad" | "info" | "neutral";

export interface BadgeProps {
  tone: Tone;
  children: ComponentChildren;
  icon?: IconName;
}

export function Badge({ tone, children, icon }: BadgeProps): JSX.Element {
  return (
    <span class={`badge ${tone}`}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}

/** A user's initials. Pictures from elsewhere are not loaded. */
export function Initials({ uid, name }: { uid: string; name: string }): JSX.Element {
  const initials = name
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase())
    .join("");
  let sum = 7;
  for (const character of uid) {
    sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 360;
  }
  // The golden angle sets the hues of neighbours such as …-1 and …-2 far apart.
  const hue = Math.round((sum * 137.508) % 360);
  return (
    <span class="initials" style={{ "--hue": String(hue) }} aria-hidden="true">
      {initials || "?"}
    </span>
  );
}
