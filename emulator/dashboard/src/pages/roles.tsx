/** The roles of the app. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as service from "../api/service.ts";
import type { Role } from "../api/types.ts";
import { useAction, useApp, useLive, useLiveState, useResource } from "../hooks.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog, DialogForm } from "../ui/dialog.tsx";
import { fieldError, TextField } from "../ui/field.tsx";
import { Empty, ErrorBox, Loading } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";
import { Panel } from "../ui/view.tsx";
import { PermissionsDialog } from "./permissions-dialog.tsx";

export function Roles(): JSX.Element {
  const app = useApp();
  const live = useLive();
  const { dataVersion } = useLiveState();
  const [dialog, setDialog] = useState<Role | "new" | undefined>(undefined);
  const [permissions, setPermissions] = useState<Role | undefined>(undefined);
  const roles = useResource(() => service.listRoles(app), app.id, [dataVersion]);
  const remove = useAction(async (role: Role) => {
    await service.deleteRole(app, role.role);
    live.dataChanged();
    toast(`Deleted ${role.name}.`);
  }, "queue");
  const items = roles.data?.items ?? [];
  return (
    <Panel
      title="Roles"
      about="Every user has one. Users of a deleted role get the role default."
      flush
      actions={
        <Button icon="plus" onClick={() => setDialog("new")}>
          New role
        </Button>
      }
    >
      {remove.error !== undefined && <ErrorBox error={remove.error} />}
      {roles.error !== undefined && <ErrorBox error={roles.error} onRetry={roles.reload} />}
      {roles.data === undefined && roles.error === undefined && <Loading what="roles" />}
      {roles.data && items.length === 0 && <Empty title="No role" />}
      <ul class="items" aria-label="Roles">
        {items.map((role) => (
          <li key={role.role} class="item">
            <div class="item-text">
              <p>
                <strong>{role.name}</strong> <code>{role.role}</code>
              </p>
              {role.description && <p class="item-about">{role.description}</p>}
            </div>
            <span class="item-actions">
              <IconButton
                label={`Permissions of role ${role.name}`}
                icon="access"
                onClick={() => setPermissions(role)}
              />
              <IconButton
                label={`Edit role ${role.name}`}
                icon="edit"
                onClick={() => setDialog(role)}
              />
              {role.role !== "default" && (
                <IconButton
                  label={`Delete role ${role.name}`}
                  icon="trash"
                  danger
                  onClick={() => void remove.run(role)}
                />
              )}
            </span>
          </li>
        ))}
      </ul>
      {permissions && (
        <PermissionsDialog role={permissions} onClose={() => setPermissions(undefined)} />
      )}
      {dialog !== undefined && (
        <RoleDialog
          role={dialog === "new" ? undefined : dialog}
          onClose={() => setDialog(undefined)}
        />
      )}
    </Panel>
  );
}

interface RoleDialogProps {
  role: Role | undefined;
  onClose: () => void;
}

function RoleDialog({ role, onClose }: RoleDialogProps): JSX.Element {
  const app = useApp();
  const live = useLive();
  const [id, setId] = useState(role?.role ?? "");
  const [name, setName] = useState(role?.name ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const save = useAction(async () => {
    const text = description.trim();
    const cleared = role?.description !== undefined && text === "";
    const fields = {
      name,
      ...(text === "" ? {} : { description: text }),
      ...(cleared ? { unset: ["description"] } : {}),
    };
    const saved = role
      ? await service.updateRole(app, role.role, fields)
      : await service.createRole(app, { role: id, ...fields });
    live.dataChanged();
    toast(`Saved ${saved.name}.`);
    onClose();
  });
  return (
    <Dialog title={role ? `Edit ${role.name}` : "New role"} onClose={onClose}>
      <DialogForm
        action={save}
        submit={role ? "Save" : "Create role"}
        onClose={onClose}
        shownFields={["role", "name", "description"]}
      >
        {!role && (
          <TextField
            label="Role id"
            value={id}
            onInput={setId}
            error={fieldError(save.error, "role")}
            hint="Letters, digits, - and _. Stored in lower case. It cannot be changed later."
            required
            autofocus
            code
          />
        )}
        <TextField
          label="Name"
          value={name}
          onInput={setName}
          error={fieldError(save.error, "name")}
          required
          autofocus={role !== undefined}
        />
        <TextField
          label="Description"
          value={description}
          onInput={setDescription}
          error={fieldError(save.error, "description")}
        />
      </DialogForm>
    </Dialog>
  );
}
