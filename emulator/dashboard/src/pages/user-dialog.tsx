/** The form for a new user, or for changes of one. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError, messageOf } from "../api/http.ts";
import * as service from "../api/service.ts";
import type { User } from "../api/types.ts";
import { useAction, useApp } from "../hooks.ts";
import { parseObject } from "../lib/json.ts";
import { Dialog, DialogForm } from "../ui/dialog.tsx";
import { CodeField, fieldError, SelectField, TextField } from "../ui/field.tsx";

export interface UserDialogProps {
  /** Whom to change; without, a user is created. */
  user?: User;
  roles: readonly string[];
  onClose: () => void;
  onSaved: (user: User) => void;
}

interface Draft {
  uid: string;
  name: string;
  role: string;
  avatar: string;
  link: string;
  statusMessage: string;
  tags: string;
  metadata: string;
}

const FIELDS: readonly (keyof Draft)[] = [
  "uid",
  "name",
  "role",
  "avatar",
  "link",
  "statusMessage",
  "tags",
  "metadata",
];

export function UserDialog({ user, roles, onClose, onSaved }: UserDialogProps): JSX.Element {
  const app = useApp();
  const [draft, setDraft] = useState(() => draftOf(user));
  const save = useAction(async () => {
    const fields = fieldsOf(draft, user);
    onSaved(
      user
        ? await service.updateUser(app, user.uid, fields)
        : await service.createUser(app, { uid: draft.uid, ...fields }),
    );
  });
  const field = (name: keyof Draft) => ({
    value: draft[name],
    error: fieldError(save.error, name),
    onInput: (value: string) => setDraft({ ...draft, [name]: value }),
  });
  return (
    <Dialog title={user ? `Edit ${user.name}` : "New user"} onClose={onClose}>
      <DialogForm
        action={save}
        submit={user ? "Save" : "Create user"}
        onClose={onClose}
        shownFields={FIELDS}
      >
        {!user && (
          <TextField
            label="Uid"
            {...field("uid")}
            required
            autofocus
            code
            hint="Letters, digits, - and _. Stored in lower case. It cannot be changed later."
          />
        )}
        <TextField label="Name" {...field("name")} required autofocus={user !== undefined} />
        <SelectField
          label="Role"
          value={draft.role}
          options={roleOptions(roles, draft.role)}
          onChange={(role) => setDraft({ ...draft, role })}
          error={fieldError(save.error, "role")}
        />
        <details class="more" open={user !== undefined}>
          <summary>More fields</summary>
          <TextField label="Status message" {...field("statusMessage")} />
          <TextField label="Avatar" {...field("avatar")} placeholder="https://…" />
          <TextField label="Link" {...field("link")} placeholder="https://…" />
          <TextField label="Tags" {...field("tags")} hint="Separated by commas." />
          <CodeField
            label="Metadata"
            {...field("metadata")}
            rows={4}
            placeholder='{ "plan": "free" }'
            hint="A JSON object, at most 5 KB."
          />
        </details>
      </DialogForm>
    </Dialog>
  );
}

function roleOptions(roles: readonly string[], present: string): [string, string][] {
  const all = new Set(["default", ...roles, present]);
  return [...all].map((role) => [role, role]);
}

function draftOf(user: User | undefined): Draft {
  return {
    uid: user?.uid ?? "",
    name: user?.name ?? "",
    role: user?.role ?? "default",
    avatar: user?.avatar ?? "",
    link: user?.link ?? "",
    statusMessage: user?.statusMessage ?? "",
    tags: (user?.tags ?? []).join(", "),
    metadata: user?.metadata === undefined ? "" : JSON.stringify(user.metadata, null, 2),
  };
}

/**
 * What to send: for a new user what was filled in, for changes what differs.
 *
 * @throws ApiError for a value that the service would not understand, or cannot store
 */
function fieldsOf(draft: Draft, user: User | undefined): Record<string, unknown> {
  const before = draftOf(user);
  const changed = (name: keyof Draft): boolean => draft[name].trim() !== before[name].trim();
  const fields: Record<string, unknown> = {};
  const unset: string[] = [];
  if (!user || changed("name")) {
    fields["name"] = draft.name;
  }
  if (changed("role")) {
    fields["role"] = draft.role;
  }
  for (const name of ["avatar", "link", "metadata"] as const) {
    if (changed(name)) {
      if (draft[name].trim() === "") {
        unset.push(name);
      } else {
        fields[name] = name === "metadata" ? metadataOf(draft.metadata) : draft[name].trim();
      }
    }
  }
  if (changed("statusMessage")) {
    if (draft.statusMessage.trim() === "") {
      throw invalid("statusMessage", "The service cannot clear a status message. Write another.");
    }
    fields["statusMessage"] = draft.statusMessage;
  }
  if (changed("tags")) {
    fields["tags"] = draft.tags
      .split(",")
      .map((tag) => tag.trim())
      .filter((tag) => tag !== "");
  }
  return unset.length > 0 ? { ...fields, unset } : fields;
}

function metadataOf(text: string): Record<string, unknown> {
  try {
    return parseObject(text);
  } catch (error) {
    throw invalid("metadata", messageOf(error));
  }
}

/** An error as the service reports them, found before anything is sent. */
function invalid(field: keyof Draft, message: string): ApiError {
  return new ApiError("INVALID", "Check the marked fields.", 0, { [field]: [message] });
}
