/** One user: fields, tokens, and what can be done. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as service from "../api/service.ts";
import type { User } from "../api/types.ts";
import { useAction, useApp, useLive, useLiveState, useResource } from "../hooks.ts";
import { dateTimeOf } from "../lib/time.ts";
import { navigate } from "../route.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Detail } from "../ui/detail.tsx";
import { Dialog, DialogForm } from "../ui/dialog.tsx";
import { Badge, Empty, ErrorBox, Initials, Loading } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";
import { CodeBlock, Facts } from "../ui/view.tsx";
import { Tokens } from "./tokens.tsx";
import { UserDialog } from "./user-dialog.tsx";

export interface UserDetailProps {
  uid: string;
  roles: readonly string[];
  closeHref: string;
}

export function UserDetail({ uid, roles, closeHref }: UserDetailProps): JSX.Element {
  const app = useApp();
  const { dataVersion } = useLiveState();
  const found = useResource(() => service.findUser(app, uid), `${app.id} ${uid}`, [dataVersion]);
  const user = found.data;
  return (
    <Detail
      rowKey={uid}
      label={`User ${user?.name ?? uid}`}
      title={
        <span class="user-cell">
          <Initials uid={uid} name={user?.name ?? uid} />
          <span>{user?.name ?? uid}</span>
        </span>
      }
      closeHref={closeHref}
    >
      {found.error !== undefined && <ErrorBox error={found.error} onRetry={found.reload} />}
      {user && <UserContent user={user} roles={roles} closeHref={closeHref} />}
      {!user && found.loading && <Loading what="the user" />}
      {!user && !found.loading && found.error === undefined && (
        <Empty title={`The user ${uid} does not exist`}>
          It was deleted, or belongs to another app.
        </Empty>
      )}
    </Detail>
  );
}

interface UserContentProps {
  user: User;
  roles: readonly string[];
  closeHref: string;
}

function UserContent({ user, roles, closeHref }: UserContentProps): JSX.Element {
  const app = useApp();
  const live = useLive();
  const [dialog, setDialog] = useState<"edit" | "delete" | undefined>(undefined);
  const close = (): void => setDialog(undefined);
  const deactivated = user.deactivatedAt !== undefined;
  const toggle = useAction(async () => {
    await (deactivated ? service.reactivateUser : service.deactivateUser)(app, user.uid);
    live.dataChanged();
    toast(`${deactivated ? "Reactivated" : "Deactivated"} ${user.name}.`);
  });
  return (
    <>
      <div class="detail-toolbar">
        {!deactivated && (
          <Button icon="edit" onClick={() => setDialog("edit")}>
            Edit
          </Button>
        )}
        <Button icon="power" busy={toggle.busy} onClick={() => void toggle.run()}>
          {deactivated ? "Reactivate" : "Deactivate"}
        </Button>
        <Button icon="trash" kind="danger" onClick={() => setDialog("delete")}>
          Delete …
        </Button>
      </div>
      {toggle.error !== undefined && <ErrorBox error={toggle.error} />}
      <Facts items={factsOf(user)} />
      {user.metadata && (
        <>
          <h4>Metadata</h4>
          <CodeBlock label="Metadata" code={JSON.stringify(user.metadata, null, 2)} />
        </>
      )}
      {deactivated ? (
        <p class="note">
          A deactivated user cannot log in, and the service shows neither metadata nor tokens.
          Reactivate the user to see them.
        </p>
      ) : (
        <Tokens uid={user.uid} />
      )}
      {dialog === "edit" && (
        <UserDialog
          user={user}
          roles={roles}
          onClose={close}
          onSaved={(saved) => {
            close();
            live.dataChanged();
            toast(`Saved ${saved.name}.`);
          }}
        />
      )}
      {dialog === "delete" && (
        <DeleteDialog
          user={user}
          onClose={close}
          onDeleted={() => {
            live.dataChanged();
            navigate(closeHref);
            toast(`Deleted ${user.name}.`);
          }}
        />
      )}
    </>
  );
}

function factsOf(user: User): [string, JSX.Element | string][] {
  const optional: [string, string | undefined][] = [
    ["Status message", user.statusMessage],
    ["Avatar", user.avatar],
    ["Link", user.link],
    ["Tags", user.tags?.join(", ")],
    ["Created", dateTimeOf(user.createdAt)],
    ["Updated", user.updatedAt === undefined ? undefined : dateTimeOf(user.updatedAt)],
    ["Deactivated", user.deactivatedAt === undefined ? undefined : dateTimeOf(user.deactivatedAt)],
  ];
  return [
    [
      "Uid",
      <span class="with-copy">
        <code>{user.uid}</code>
        <CopyButton text={user.uid} what="uid" />
      </span>,
    ],
    [
      "State",
      user.deactivatedAt === undefined ? (
        <Badge tone="ok">Active</Badge>
      ) : (
        <Badge tone="neutral">Deactivated</Badge>
      ),
    ],
    ["Role", user.role],
    ...optional.filter((item): item is [string, string] => Boolean(item[1])),
  ];
}

interface DeleteDialogProps {
  user: User;
  onClose: () => void;
  onDeleted: () => void;
}

function DeleteDialog({ user, onClose, onDeleted }: DeleteDialogProps): JSX.Element {
  const app = useApp();
  const remove = useAction(async () => {
    await service.deleteUser(app, user.uid);
    onDeleted();
  });
  return (
    <Dialog title={`Delete ${user.name}?`} onClose={onClose}>
      <DialogForm action={remove} submit="Delete user" onClose={onClose} danger>
        <p>
          This deletes the user <code>{user.uid}</code> with all auth tokens, and ends the sessions.
          To keep the data, deactivate the user instead.
        </p>
      </DialogForm>
    </Dialog>
  );
}
