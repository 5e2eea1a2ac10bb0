/** API keys and roles. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as service from "../api/service.ts";
import type { ApiKey, KeyScope } from "../api/types.ts";
import { useAction, useApp, useLive, useLiveState, useResource } from "../hooks.ts";
import { dateOf } from "../lib/time.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Secret } from "../ui/copy.tsx";
import { Dialog, DialogForm } from "../ui/dialog.tsx";
import { fieldError, SelectField, TextField } from "../ui/field.tsx";
import { Badge, ErrorBox, Loading } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";
import { Panel, ViewHeader } from "../ui/view.tsx";
import { Roles } from "./roles.tsx";

const SCOPE_TEXT: Readonly<Record<KeyScope, string>> = {
  authOnly: "Auth Key",
  fullAccess: "REST API key",
};

export function AccessView(): JSX.Element {
  return (
    <>
      <ViewHeader
        title="Keys and roles"
        about="The credentials of your client and server, and the roles of users."
      />
      <Keys />
      <Roles />
    </>
  );
}

function Keys(): JSX.Element {
  const app = useApp();
  const live = useLive();
  const { dataVersion } = useLiveState();
  const [dialog, setDialog] = useState<ApiKey | "new" | undefined>(undefined);
  const keys = useResource(() => service.listKeys(app), app.id, [dataVersion]);
  const remove = useAction(async (key: ApiKey) => {
    await service.deleteKey(app, key.apiKey);
    live.dataChanged();
    toast(`Deleted ${key.name}.`);
  }, "queue");
  return (
    <Panel
      title="API keys"
      about="An Auth Key logs users in while you develop. A REST API key can do everything, and belongs on a server."
      flush
      actions={
        <Button icon="plus" onClick={() => setDialog("new")}>
          New key
        </Button>
      }
    >
      {remove.error !== undefined && <ErrorBox error={remove.error} />}
      {keys.error !== undefined && <ErrorBox error={keys.error} onRetry={keys.reload} />}
      {keys.data === undefined && keys.error === undefined && <Loading what="keys" />}
      <ul class="items" aria-label="API keys">
        {(keys.data?.items ?? []).map((key) => (
          <li key={key.apiKey} class="item">
            <div class="item-text">
              <p>
                <strong>{key.name}</strong>{" "}
                <Badge tone={key.scope === "fullAccess" ? "warn" : "neutral"}>
                  {SCOPE_TEXT[key.scope]}
                </Badge>
              </p>
              <p class="item-about">
                Created {dateOf(key.createdAt)}
                {key.apiKey === app.restApiKey && " · this dashboard uses it"}
              </p>
            </div>
            <Secret value={key.apiKey} what={`key ${key.name}`} />
            <span class="item-actions">
              {key.apiKey !== app.restApiKey && (
                <>
                  <IconButton
                    label={`Edit key ${key.name}`}
                    icon="edit"
                    onClick={() => setDialog(key)}
                  />
                  <IconButton
                    label={`Delete key ${key.name}`}
                    icon="trash"
                    danger
                    onClick={() => void remove.run(key)}
                  />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {dialog !== undefined && (
        <KeyDialog
          apiKey={dialog === "new" ? undefined : dialog}
          onClose={() => setDialog(undefined)}
        />
      )}
    </Panel>
  );
}

interface KeyDialogProps {
  apiKey: ApiKey | undefined;
  onClose: () => void;
}

function KeyDialog({ apiKey, onClose }: KeyDialogProps): JSX.Element {
  const app = useApp();
  const live = useLive();
  const [name, setName] = useState(apiKey?.name ?? "");
  const [scope, setScope] = useState<KeyScope>(apiKey?.scope ?? "authOnly");
  const save = useAction(async () => {
    const saved = apiKey
      ? await service.updateKey(app, apiKey.apiKey, { name, scope })
      : await service.createKey(app, { name, scope });
    live.dataChanged();
    toast(`Saved ${saved.name}.`);
    onClose();
  });
  return (
    <Dialog title={apiKey ? `Edit ${apiKey.name}` : "New API key"} onClose={onClose}>
      <DialogForm
        action={save}
        submit={apiKey ? "Save" : "Create key"}
        onClose={onClose}
        shownFields={["name", "scope"]}
      >
        <TextField
          label="Name"
          value={name}
          onInput={setName}
          error={fieldError(save.error, "name")}
          required
          autofocus
        />
        <SelectField
          label="Scope"
          value={scope}
          onChange={setScope}
          error={fieldError(save.error, "scope")}
          options={[
            ["authOnly", "Auth Key (authOnly)"],
            ["fullAccess", "REST API key (fullAccess)"],
          ]}
        />
      </DialogForm>
    </Dialog>
  );
}
