/** Fault rules: switches for the common ones, an editor for all others. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as control from "../api/control.ts";
import type { ActiveFault } from "../api/types.ts";
import { useAction, useApp, useLive, useLiveState } from "../hooks.ts";
import {
  isSpent,
  PRESETS,
  ruleOf,
  rulesOfPreset,
  SCOPES,
  TIMES,
  type Preset,
  type Scope,
  type Times,
} from "../lib/fault-presets.ts";
import { actText, matchText } from "../lib/fault-text.ts";
import { Button, IconButton, Switch } from "../ui/button.tsx";
import { Select } from "../ui/field.tsx";
import { Badge, Empty, ErrorBox } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";
import { Panel, ViewHeader } from "../ui/view.tsx";
import { FaultDialog } from "./fault-dialog.tsx";

export function FaultsView(): JSX.Element {
  const [editing, setEditing] = useState<ActiveFault | "new" | undefined>(undefined);
  return (
    <>
      <ViewHeader
        title="Faults"
        about="Make requests of this app fail, to test how your client handles it. The dashboard itself is not affected."
      >
        <Button kind="primary" icon="plus" onClick={() => setEditing("new")}>
          New rule
        </Button>
      </ViewHeader>
      <CommonFaults />
      <Rules onEdit={setEditing} />
      {editing !== undefined && (
        <FaultDialog
          {...(editing === "new" ? {} : { fault: editing })}
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  );
}

function CommonFaults(): JSX.Element {
  const app = useApp();
  const live = useLive();
  const { faults } = useLiveState();
  const [scope, setScope] = useState<Scope>("all");
  const [times, setTimes] = useState<Times>("always");
  const toggle = useAction(async (preset: Preset, on: boolean) => {
    if (on) {
      await control.addFault(app.id, ruleOf(preset, scope, times));
    } else {
      for (const { id } of rulesOfPreset(preset, faults)) {
        await control.removeFault(id);
      }
    }
    await live.refresh();
    toast(`${preset.title}: ${on ? "on" : "off"}.`);
  }, "queue");
  return (
    <Panel title="Common faults">
      <div class="scope">
        <span id="scope-label">Switch on for</span>
        <Select
          value={scope}
          options={SCOPES}
          onChange={setScope}
          attributes={{ "aria-label": "Switch on for" }}
        />
        <Select
          value={times}
          options={TIMES}
          onChange={setTimes}
          attributes={{ "aria-label": "How often" }}
        />
      </div>
      {toggle.error !== undefined && <ErrorBox error={toggle.error} />}
      <div class="switches">
        {PRESETS.map((preset) => {
          const rules = rulesOfPreset(preset, faults);
          return (
            <Switch
              key={preset.id}
              label={preset.title}
              checked={rules.length > 0}
              onChange={(on) => void toggle.run(preset, on)}
            >
              <p>{preset.about}</p>
              {rules.map((rule) => (
                <p key={rule.id} class="switch-state">
                  {matchText(rule, app.id)} · {usageText(rule)}
                </p>
              ))}
            </Switch>
          );
        })}
      </div>
    </Panel>
  );
}

function Rules({ onEdit }: { onEdit: (fault: ActiveFault) => void }): JSX.Element {
  const app = useApp();
  const live = useLive();
  const { faults } = useLiveState();
  const remove = useAction(async (fault: ActiveFault) => {
    await control.removeFault(fault.id);
    await live.refresh();
    toast(`Removed rule ${fault.id}.`);
  }, "queue");
  const removeAll = useAction(async () => {
    for (const { id } of faults) {
      await control.removeFault(id);
    }
    await live.refresh();
    toast("Removed all rules.");
  });
  const failed = [remove, removeAll].find(({ error }) => error !== undefined);
  return (
    <Panel
      title="Rules in force"
      about="The first rule that matches takes effect."
      flush
      actions={
        faults.length > 0 && (
          <Button icon="trash" busy={removeAll.busy} onClick={() => void removeAll.run()}>
            Remove all
          </Button>
        )
      }
    >
      {failed && <ErrorBox error={failed.error} />}
      {faults.length === 0 ? (
        <Empty title="No rule">Every request gets the service’s own response.</Empty>
      ) : (
        <ul class="rules">
          {faults.map((fault) => (
            <li key={fault.id} class="rule">
              <div class="rule-text">
                <p>
                  <code>{matchText(fault, app.id)}</code>
                </p>
                <p class="rule-act">{actText(fault.act)}</p>
                <p class="rule-use">
                  Rule {fault.id} · {usageText(fault)}{" "}
                  {isSpent(fault) && <Badge tone="neutral">used up</Badge>}
                </p>
              </div>
              <IconButton
                label={`Edit rule ${fault.id}`}
                icon="edit"
                onClick={() => onEdit(fault)}
              />
              <IconButton
                label={`Remove rule ${fault.id}`}
                icon="trash"
                danger
                onClick={() => void remove.run(fault)}
              />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function usageText({ used, times }: ActiveFault): string {
  const count = used === 1 ? "1 request" : `${used} requests`;
  return times === undefined ? `affected ${count}` : `affected ${used} of ${times}`;
}
