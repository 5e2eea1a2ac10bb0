/** The editor of a fault rule: a form, or the rule as JSON. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as control from "../api/control.ts";
import { messageOf } from "../api/http.ts";
import type { ActiveFault } from "../api/types.ts";
import { useAction, useApp, useLive } from "../hooks.ts";
import {
  bareRule,
  DraftError,
  draftOfRule,
  EMPTY_DRAFT,
  parseRule,
  ruleOfDraft,
  type Draft,
} from "../lib/fault-draft.ts";
import { Dialog, DialogForm } from "../ui/dialog.tsx";
import { CodeField, SelectField, TextField } from "../ui/field.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { toast } from "../ui/toast.tsx";

const METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS"];

const EXAMPLE = { match: { method: "PUT", path: "/me$" }, times: 1, act: { status: 503 } };

export interface FaultDialogProps {
  /** The rule to change; without, one is added. */
  fault?: ActiveFault;
  onClose: () => void;
}

export function FaultDialog({ fault, onClose }: FaultDialogProps): JSX.Element {
  const app = useApp();
  const live = useLive();
  const [mode, setMode] = useState<"form" | "json">("form");
  const [draft, setDraft] = useState(() => (fault ? draftOfRule(fault) : EMPTY_DRAFT));
  const [json, setJson] = useState("");
  const [jsonError, setJsonError] = useState<string | undefined>(undefined);
  const save = useAction(async () => {
    const rule = mode === "form" ? ruleOfDraft(draft) : parseRule(json);
    const saved = fault
      ? await control.replaceFault(fault.id, rule)
      : await control.addFault(app.id, rule);
    await live.refresh();
    toast(`Rule ${saved.id} is on.`);
    onClose();
  });
  const change = (to: string): void => {
    try {
      if (to === "json") {
        const rule = ruleOfDraft(draft);
        setJson(JSON.stringify(draft === EMPTY_DRAFT ? EXAMPLE : bareRule(rule), null, 2));
        setMode("json");
      } else {
        setDraft(draftOfRule(parseRule(json)));
        setMode("form");
      }
      setJsonError(undefined);
    } catch (error) {
      setJsonError(messageOf(error));
    }
  };
  return (
    <Dialog title={fault ? `Edit rule ${fault.id}` : "New fault rule"} onClose={onClose} wide>
      <DialogForm action={save} submit={fault ? "Save" : "Switch on"} onClose={onClose}>
        <Tabs
          label="How to edit"
          tabs={[
            ["form", "Form"],
            ["json", "JSON"],
          ]}
          value={mode}
          onChange={change}
        >
          {mode === "form" ? (
            <RuleForm draft={draft} onChange={setDraft} error={save.error} />
          ) : (
            <CodeField
              label="Rule"
              value={json}
              onInput={setJson}
              rows={16}
              error={jsonError}
              hint="match: method, path, host, uid, nth. act: status, body, headers, contentType, cors, delayMs, bodyDelayMs, truncate, hang, drop."
            />
          )}
        </Tabs>
      </DialogForm>
    </Dialog>
  );
}

interface RuleFormProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  error: unknown;
}

function RuleForm({ draft, onChange, error }: RuleFormProps): JSX.Element {
  const errorOf = (name: keyof Draft): string | undefined =>
    error instanceof DraftError && error.field === name ? error.message : undefined;
  const text = (name: keyof Draft) => ({
    value: draft[name],
    error: errorOf(name),
    onInput: (value: string) => onChange({ ...draft, [name]: value }),
  });
  const choice = <K extends "method" | "cors" | "hang" | "drop">(name: K) => ({
    value: draft[name],
    onChange: (value: Draft[K]) => onChange({ ...draft, [name]: value }),
  });
  return (
    <>
      <fieldset class="group">
        <legend>Which requests</legend>
        <div class="fields">
          <SelectField
            label="Method"
            {...choice("method")}
            options={[["", "Any"], ...METHODS.map((name) => [name, name] as const)]}
          />
          <TextField
            label="Path"
            {...text("path")}
            code
            placeholder="/me$"
            hint="A regular expression."
          />
          <TextField
            label="User"
            {...text("uid")}
            code
            hint="The uid of the token, or in the path."
          />
          <TextField
            label="Host"
            {...text("host")}
            code
            placeholder="apiclient"
            hint="A regular expression."
          />
          <TextField label="From match number" {...text("nth")} placeholder="1" />
          <TextField label="Number of requests" {...text("times")} placeholder="no limit" />
        </div>
      </fieldset>
      <fieldset class="group">
        <legend>What happens</legend>
        <div class="fields">
          <TextField label="Status" {...text("status")} placeholder="503" />
          <TextField label="Delay in ms" {...text("delayMs")} placeholder="3000" />
          <SelectField
            label="Stop responding"
            {...choice("hang")}
            options={[
              ["", "No"],
              ["before", "Before the service acts"],
              ["after", "After the service acted"],
              ["body", "In the middle of the body"],
            ]}
          />
          <SelectField
            label="Close the connection"
            {...choice("drop")}
            options={[
              ["", "No"],
              ["before", "Before the service acts"],
              ["after", "After the service acted"],
            ]}
          />
          <TextField label="Cut the body after bytes" {...text("truncate")} placeholder="20" />
          <TextField label="Pause in the body, in ms" {...text("bodyDelayMs")} />
          <SelectField
            label="CORS headers"
            {...choice("cors")}
            options={[
              ["", "As always"],
              ["off", "Left out"],
            ]}
          />
          <TextField label="Content type" {...text("contentType")} placeholder="text/html" />
        </div>
        <CodeField
          label="Headers"
          {...text("headers")}
          rows={2}
          placeholder="Retry-After: 7"
          hint="One on each line. A name without a value takes the header away."
        />
        <CodeField
          label="Body"
          {...text("body")}
          rows={4}
          placeholder='{ "error": { "code": "ERR_X", "message": "…" } }'
          hint="In place of the service’s response. JSON, or any text."
        />
      </fieldset>
    </>
  );
}
