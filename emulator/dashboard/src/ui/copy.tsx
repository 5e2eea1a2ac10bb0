import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { IconButton } from "./button.tsx";
import { toast } from "./toast.tsx";

const CONFIRMED_MS = 1500;

/** Puts a text on the clipboard, on request of the user only. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied ${what}.`);
  } catch {
    toast("The browser did not allow copying. Select the text and copy it by hand.");
  }
}

export interface CopyButtonProps {
  text: string | (() => string);
  /** What is copied, as in "Copy auth token". */
  what: string;
}

export function CopyButton({ text, what }: CopyButtonProps): JSX.Element {
  const [done, setDone] = useState(false);
  useEffect(() => {
    const timer = done ? setTimeout(() => setDone(false), CONFIRMED_MS) : undefined;
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async (): Promise<void> => {
    await copyText(typeof text === "string" ? text : text(), what);
    setDone(true);
  };
  return (
    <IconButton label={`Copy ${what}`} icon={done ? "check" : "copy"} onClick={() => void copy()} />
  );
}

export interface SecretProps {
  value: string;
  /** What it is, as in "Show REST API key". */
  what: string;
}

/** A credential: covered until the user asks for it, copied without being shown. */
export function Secret({ value, what }: SecretProps): JSX.Element {
  const [shown, setShown] = useState(false);
  return (
    <span class="secret">
      <code class={shown ? "secret-text" : "secret-text covered"}>
        {shown ? value : cover(value)}
      </code>
      <IconButton
        label={shown ? `Hide ${what}` : `Show ${what}`}
        icon={shown ? "eyeOff" : "eye"}
        onClick={() => setShown(!shown)}
      />
      <CopyButton text={value} what={what} />
    </span>
  );
}

/** Its last four characters, if it is long enough to stay secret with them. */
export function cover(secret: string): string {
  return `••••••••${secret.length >= 24 ? secret.slice(-4) : ""}`;
}
