/** The users of the app: search, create, open. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import * as service from "../api/service.ts";
import type { User } from "../api/types.ts";
import { useApp, useDebounced, useLive, useLiveState, useResource } from "../hooks.ts";
import { dateOf } from "../lib/time.ts";
import { hrefOf, navigate, type Route } from "../route.ts";
import { Button } from "../ui/button.tsx";
import { Select } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { RowTable, type Column, type Row } from "../ui/rows.tsx";
import { Badge, Empty, ErrorBox, Initials, Loading } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";
import { Split, ViewHeader } from "../ui/view.tsx";
import { UserDetail } from "./user-detail.tsx";
import { UserDialog } from "./user-dialog.tsx";

const SEARCH_DELAY_MS = 150;

const FILTERS: readonly (readonly [service.UserFilter, string])[] = [
  ["active", "Active"],
  ["deactivated", "Deactivated"],
  ["all", "All"],
];

const COLUMNS: readonly Column[] = [
  { title: "Name", name: "user" },
  { title: "Role", name: "role" },
  { title: "Tags", name: "tags" },
  { title: "Created", name: "created" },
];

export function UsersView({ route }: { route: Route }): JSX.Element {
  const app = useApp();
  const live = useLive();
  const { dataVersion } = useLiveState();
  const [typed, setTyped] = useState("");
  const [filter, setFilter] = useState<service.UserFilter>("active");
  const [role, setRole] = useState("");
  const [page, setPage] = useState(1);
  const [creating, setCreating] = useState(false);
  const search = useDebounced(typed.trim(), SEARCH_DELAY_MS);
  useEffect(() => setPage(1), [search, filter, role]);
  const users = useResource(() => service.listUsers(app, { search, filter, role, page }), app.id, [
    search,
    filter,
    role,
    page,
    dataVersion,
  ]);
  const roles = useResource(() => service.listRoles(app), app.id, [dataVersion]);
  const roleNames = (roles.data?.items ?? []).map((item) => item.role);

  return (
    <>
      <ViewHeader title="Users" about="Who can log in to this app.">
        <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
          New user
        </Button>
      </ViewHeader>
      <Split
        list={
          <>
            <div class="toolbar" role="search" aria-label="Users">
              <label class="search">
                <Icon name="search" />
                <span class="visually-hidden">Search users</span>
                <input
                  type="search"
                  class="input"
                  placeholder="Start of a uid or name"
                  value={typed}
                  onInput={(event) => setTyped(event.currentTarget.value)}
                />
              </label>
              <Select
                value={filter}
                options={FILTERS}
                onChange={setFilter}
                attributes={{ "aria-label": "State" }}
              />
              {roleNames.length > 1 && (
                <Select
                  value={role}
                  options={[["", "All roles"], ...roleNames.map((name) => [name, name] as const)]}
                  onChange={setRole}
                  attributes={{ "aria-label": "Role" }}
                />
              )}
            </div>
            {users.error !== undefined && <ErrorBox error={users.error} onRetry={users.reload} />}
            {users.data === undefined && users.error === undefined && <Loading what="users" />}
            {users.data && users.data.items.length > 0 && (
              <>
                <RowTable
                  label="Users"
                  columns={COLUMNS}
                  rows={users.data.items.map((user) => rowOf(user, app.id))}
                  current={route.id}
                />
                <Pages {...users.data} onPage={setPage} />
              </>
            )}
            {users.data?.items.length === 0 && (
              <NoUsers search={search} filtered={filter !== "active" || role !== ""} />
            )}
          </>
        }
        detail={
          route.id !== undefined && (
            <UserDetail
              key={route.id}
              uid={route.id}
              roles={roleNames}
              closeHref={hrefOf(app.id, "users")}
            />
          )
        }
      />
      {creating && (
        <UserDialog
          roles={roleNames}
          onClose={() => setCreating(false)}
          onSaved={(user) => {
            setCreating(false);
            live.dataChanged();
            navigate(hrefOf(app.id, "users", user.uid));
            toast(`Created ${user.name}.`);
          }}
        />
      )}
    </>
  );
}

function rowOf(user: User, app: string): Row {
  const deactivated = user.deactivatedAt !== undefined;
  return {
    key: user.uid,
    href: hrefOf(app, "users", user.uid),
    tone: deactivated ? "muted" : undefined,
    link: (
      <span class="user-cell">
        <Initials uid={user.uid} name={user.name} />
        <span class="user-names">
          <span class="user-name">{user.name}</span> <code>{user.uid}</code>
        </span>
        {deactivated && <Badge tone="neutral">Deactivated</Badge>}
      </span>
    ),
    cells: [null, user.role, (user.tags ?? []).join(", "), dateOf(user.createdAt)],
  };
}

function NoUsers({ search, filtered }: { search: string; filtered: boolean }): JSX.Element {
  if (search !== "") {
    return (
      <Empty title={`No user begins with “${search}”`}>
        The service searches the beginnings of uids and names, in any letter case.
      </Empty>
    );
  }
  if (filtered) {
    return <Empty title="No user matches">Choose another state or role.</Empty>;
  }
  return (
    <Empty title="This app has no users">
      Create one here, from your server, or with a seed document.
    </Empty>
  );
}

interface PagesProps {
  items: readonly unknown[];
  page: number;
  pages: number;
  total: number;
  onPage: (page: number) => void;
}

function Pages({ items, page, pages, total, onPage }: PagesProps): JSX.Element {
  const first = (page - 1) * service.USERS_PER_PAGE + 1;
  const number = (value: number): string => value.toLocaleString("en");
  return (
    <nav class="pages" aria-label="Pages">
      <p aria-live="polite">
        {number(first)}–{number(first + items.length - 1)} of {number(total)}
      </p>
      {pages > 1 && (
        <>
          <Button icon="back" disabled={page <= 1} onClick={() => onPage(page - 1)}>
            Previous
          </Button>
          <Button icon="next" disabled={page >= pages} onClick={() => onPage(page + 1)}>
            Next
          </Button>
        </>
      )}
    </nav>
  );
}
