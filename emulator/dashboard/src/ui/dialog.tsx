import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Action } from "../hooks.ts";
import { Button, IconButton } from "./button.tsx";
import { ErrorBox } from "./states.tsx";

const FIRST_CONTROL =
  ".dialog-form :is(input, select, textarea, button):not(:disabled, [tabindex='-1'])";

export interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
}

/** A modal dialog. The browser keeps the focus inside, closes it on Escape and gives the focus back. */
export function Dialog({ title, onClose, children, wide = false }: DialogProps): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    // Without an autofocus, the browser chooses the close button.
    if (document.activeElement?.closest(".dialog-header")) {
      dialog?.querySelector<HTMLElement>(FIRST_CONTROL)?.focus();
    }
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-header">
        <h2 id={titleId}>{title}</h2>
        <IconButton label="Close" icon="close" onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}

export interface FormProps {
  action: Action<[]>;
  submit: string;
  onClose: () => void;
  children: ComponentChildren;
  danger?: boolean;
  /** Errors that the fields show already. */
  shownFields?: readonly string[];
}

/** The content of a dialog that asks for something: fields, error, buttons. */
export function DialogForm(props: FormProps): JSX.Element {
  const { action, submit, onClose, children, danger = false, shownFields = [] } = props;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (action.error !== undefined) {
      form.current?.querySelector<HTMLElement>("[aria-invalid='true']")?.focus();
    }
  }, [action.error]);
  return (
    <form
      ref={form}
      class="dialog-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void action.run();
      }}
    >
      <div class="dialog-body">
        {children}
        {action.error !== undefined && <ErrorBox error={action.error} except={shownFields} />}
      </div>
      <footer class="dialog-footer">
        <Button onClick={onClose} autofocus={danger}>
          Cancel
        </Button>
        <Button type="submit" kind={danger ? "danger" : "primary"} busy={action.busy}>
          {submit}
        </Button>
      </footer>
    </form>
  );
}
