/** The permissions that a role sets. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as control from "../api/control.ts";
import * as service from "../api/service.ts";
import type { Permission, Permissions, Role } from "../api/types.ts";
import { useAction, useApp, useLive, useResource } from "../hooks.ts";
import { Dialog, DialogForm } from "../ui/dialog.tsx";
import { fieldError, SelectField, TextField } from "../ui/field.tsx";
import { ErrorBox, Loading } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";

interface PermissionsDialogProps {
  role: Role;
  onClose: () => void;
}

export function PermissionsDialog({ role, onClose }: PermissionsDialogProps): JSX.Element {
  const app = useApp();
  const loaded = useResource(async () => {
    const [known, set] = await Promise.all([
      service.listPermissions(app, role.role),
      control.permissionsOf(app.id, role.role),
    ]);
    return { known: known.items, set };
  }, role.role);
  return (
    <Dialog title={`Permissions of ${role.name}`} onClose={onClose} wide>
      {loaded.error !== undefined && <ErrorBox error={loaded.error} onRetry={loaded.reload} />}
      {loaded.data ? (
        <PermissionsForm role={role} onClose={onClose} {...loaded.data} />
      ) : (
        loaded.error === undefined && <Loading what="permissions" />
      )}
    </Dialog>
  );
}

interface PermissionsFormProps extends PermissionsDialogProps {
  known: readonly Permission[];
  set: Permissions;
}

function PermissionsForm({ role, onClose, known, set }: PermissionsFormProps): JSX.Element {
  const app = useApp();
  const live = useLive();
  const [draft, setDraft] = useState(() =>
    Object.fromEntries(known.map((each) => [each.id, textOf(set[each.id])])),
  );
  const save = useAction(async () => {
    const changed = known.filter(({ id }) => (draft[id] ?? "") !== textOf(set[id]));
    const [unset, written] = [
      changed.filter(({ id }) => draft[id]?.trim() === ""),
      changed.filter(({ id }) => draft[id]?.trim() !== ""),
    ];
    if (written.length > 0) {
      const values = written.map((each) => [each.id, valueOf(each, draft[each.id] ?? "")]);
      await service.setPermissions(app, role.role, Object.fromEntries(values) as Permissions);
    }
    for (const { id } of unset) {
      await service.unsetPermission(app, role.role, id);
    }
    live.dataChanged();
    toast(`Saved the permissions of ${role.name}.`);
    onClose();
  });
  return (
    <DialogForm
      action={save}
      submit="Save"
      onClose={onClose}
      shownFields={known.map(({ id }) => `permissions.${id}`)}
    >
      <p class="note">
        The emulator applies getUserDetails and editProfile to calls by users of this role. It
        stores the others, which are about messages, groups and calls.
      </p>
      <div class="fields">
        {known.map((permission) => (
          <PermissionField
            key={permission.id}
            permission={permission}
            value={draft[permission.id] ?? ""}
            error={fieldError(save.error, `permissions.${permission.id}`)}
            onChange={(value) => setDraft({ ...draft, [permission.id]: value })}
          />
        ))}
      </div>
    </DialogForm>
  );
}

interface PermissionFieldProps {
  permission: Permission;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function PermissionField(props: PermissionFieldProps): JSX.Element {
  const { permission, value, error, onChange } = props;
  const { id, title, availableValues, defaultValue } = permission;
  if (isSingle(permission)) {
    return (
      <SelectField
        label={id}
        hint={title}
        value={value}
        error={error}
        onChange={onChange}
        options={[
          ["", `not set (${String(defaultValue)})`],
          ...availableValues.map((each) => [each, each] as const),
        ]}
      />
    );
  }
  const choice = availableValues.length > 0 ? `: ${availableValues.join(", ")}` : "";
  return (
    <TextField
      label={id}
      hint={`${title}${choice}`}
      value={value}
      error={error}
      onInput={onChange}
      placeholder="not set (all)"
    />
  );
}

const isSingle = ({ dataType }: Permission): boolean => dataType === "string";

function textOf(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(String).join(", ");
  }
  return typeof value === "string" ? value : "";
}

function valueOf(permission: Permission, text: string): unknown {
  if (isSingle(permission)) {
    return text;
  }
  return text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}
