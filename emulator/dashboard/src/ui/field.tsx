import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { ApiError } from "../api/http.ts";

interface Common {
  label: string;
  hint?: ComponentChildren;
  /** What is wrong with the value. */
  error?: string | undefined;
  required?: boolean;
}

interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean;
  "aria-required": boolean;
}

function Field({
  label,
  hint,
  error,
  required = false,
  children,
}: Common & { children: (wiring: Wiring) => ComponentChildren }): JSX.Element {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class={error ? "field invalid" : "field"}>
      <label for={id}>
        {label}
        {required && <span class="required"> (required)</span>}
      </label>
      {children({
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": Boolean(error),
        "aria-required": required,
      })}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

export interface TextFieldProps extends Common {
  value: string;
  onInput: (value: string) => void;
  placeholder?: string;
  autofocus?: boolean;
  readOnly?: boolean;
  code?: boolean;
}

export function TextField(props: TextFieldProps): JSX.Element {
  return (
    <Field {...props}>
      {(wiring) => (
        <input
          {...wiring}
          class={props.code ? "input code" : "input"}
          type="text"
          value={props.value}
          placeholder={props.placeholder ?? ""}
          autofocus={props.autofocus ?? false}
          readOnly={props.readOnly ?? false}
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface TextAreaProps extends Common {
  value: string;
  onInput: (value: string) => void;
  rows: number;
  placeholder?: string;
  autofocus?: boolean;
}

/** A text of several lines; here it is always JSON. */
export function CodeField(props: TextAreaProps): JSX.Element {
  return (
    <Field {...props}>
      {(wiring) => (
        <textarea
          {...wiring}
          class="input code"
          rows={props.rows}
          value={props.value}
          placeholder={props.placeholder ?? ""}
          autofocus={props.autofocus ?? false}
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface SelectFieldProps<T extends string> extends Common {
  value: T;
  options: readonly (readonly [value: T, text: string])[];
  onChange: (value: T) => void;
}

export function SelectField<T extends string>(props: SelectFieldProps<T>): JSX.Element {
  return <Field {...props}>{(wiring) => <Select {...props} attributes={wiring} />}</Field>;
}

export interface SelectProps<T extends string> {
  value: T;
  options: readonly (readonly [value: T, text: string])[];
  onChange: (value: T) => void;
  attributes: Partial<Wiring> & { "aria-label"?: string };
}

/** A choice from a list, without a visible label. */
export function Select<T extends string>(props: SelectProps<T>): JSX.Element {
  const { value, options, onChange, attributes } = props;
  return (
    <select
      {...attributes}
      class="input select"
      value={value}
      onChange={(event) => {
        const chosen = options.find(([option]) => option === event.currentTarget.value);
        if (chosen) {
          onChange(chosen[0]);
        }
      }}
    >
      {options.map(([option, text]) => (
        <option key={option} value={option} selected={option === value}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** The service's message about one field. */
export function fieldError(error: unknown, field: string): string | undefined {
  return error instanceof ApiError ? error.details[field]?.join(" ") : undefined;
}
