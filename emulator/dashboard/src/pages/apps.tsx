/** The apps of the emulator. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as control from "../api/control.ts";
import type { App } from "../api/types.ts";
import { useAction, useApp, useLive, useLiveState } from "../hooks.ts";
import { hrefOf, navigate } from "../route.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog, DialogForm } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { Badge } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";
import { Panel } from "../ui/view.tsx";

export function Apps(): JSX.Element {
  const current = useApp();
  const { apps } = useLiveState();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<App | undefined>(undefined);
  return (
    <Panel
      title="Apps"
      about="Each has users, keys, faults and a clock of its own: one for each parallel test."
      flush
      actions={
        <Button icon="plus" onClick={() => setCreating(true)}>
          New app
        </Button>
      }
    >
      <ul class="items" aria-label="Apps">
        {apps.map((app) => (
          <li key={app.id} class="item">
            <div class="item-text">
              <p>
                <a href={hrefOf(app.id, "overview")}>{app.id}</a>{" "}
                {app.isDefault && <Badge tone="neutral">default</Badge>}{" "}
                {app.id === current.id && <Badge tone="info">shown</Badge>}
              </p>
              <p class="item-about">
                {app.users === 1 ? "1 user" : `${app.users.toLocaleString("en")} users`} ·{" "}
                {app.requests === 1 ? "1 request" : `${app.requests.toLocaleString("en")} requests`}
              </p>
            </div>
            {!app.isDefault && (
              <IconButton
                label={`Delete app ${app.id}`}
                icon="trash"
                danger
                onClick={() => setDeleting(app)}
              />
            )}
          </li>
        ))}
      </ul>
      {creating && <NewAppDialog onClose={() => setCreating(false)} />}
      {deleting && <DeleteAppDialog app={deleting} onClose={() => setDeleting(undefined)} />}
    </Panel>
  );
}

function NewAppDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const live = useLive();
  const [id, setId] = useState("");
  const create = useAction(async () => {
    const app = await control.createApp(id.trim() || undefined);
    await live.refresh();
    onClose();
    navigate(hrefOf(app.id, "overview"));
    toast(`Created the app ${app.id}.`);
  });
  return (
    <Dialog title="New app" onClose={onClose}>
      <DialogForm action={create} submit="Create app" onClose={onClose}>
        <TextField
          label="App id"
          value={id}
          onInput={setId}
          placeholder="any free id"
          hint="It gets the ten test users and two keys of its own."
          autofocus
          code
        />
      </DialogForm>
    </Dialog>
  );
}

function DeleteAppDialog({ app, onClose }: { app: App; onClose: () => void }): JSX.Element {
  const live = useLive();
  const remove = useAction(async () => {
    await control.deleteApp(app.id);
    onClose();
    await live.refresh();
    toast(`Deleted the app ${app.id}.`);
  });
  return (
    <Dialog title={`Delete ${app.id}?`} onClose={onClose}>
      <DialogForm action={remove} submit="Delete app" onClose={onClose} danger>
        <p>This deletes the app with all its users, tokens, keys, rules and requests.</p>
      </DialogForm>
    </Dialog>
  );
}
