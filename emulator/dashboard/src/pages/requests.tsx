/** The journal of requests, as it grows. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { JournalEntry } from "../api/types.ts";
import { useAction, useApp, useLive, useLiveState } from "../hooks.ts";
import {
  matchesFilter,
  NO_FILTER,
  RESULT_FILTERS,
  resultOf,
  type JournalFilter,
} from "../lib/journal-filter.ts";
import { durationText, exactTimeOf } from "../lib/time.ts";
import { hrefOf, type Route } from "../route.ts";
import { Button } from "../ui/button.tsx";
import { Select } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { RowTable, type Column, type Row } from "../ui/rows.tsx";
import { Badge, Empty, ErrorBox, Loading } from "../ui/states.tsx";
import { Split, ViewHeader } from "../ui/view.tsx";
import { RequestDetail } from "./request-detail.tsx";

/** So many rows are drawn at first. */
const SHOWN = 200;

const METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS"];

const COLUMNS: readonly Column[] = [
  { title: "Time", name: "time" },
  { title: "Method", name: "method" },
  { title: "Path", name: "path" },
  { title: "Result", name: "result" },
  { title: "User", name: "uid" },
  { title: "Duration", name: "ms" },
];

export function RequestsView({ route }: { route: Route }): JSX.Element {
  const app = useApp();
  const live = useLive();
  const { entries, journalRead } = useLiveState();
  const [filter, setFilter] = useState<JournalFilter>(NO_FILTER);
  const [paused, setPaused] = useState<readonly JournalEntry[] | undefined>(undefined);
  const [all, setAll] = useState(false);
  const source = paused ?? entries;
  const matching = useMemo(
    () => source.filter((entry) => matchesFilter(entry, filter)).reverse(),
    [source, filter],
  );
  const shown = all ? matching : matching.slice(0, SHOWN);
  const clear = useAction(async () => {
    await live.clearJournal();
    setPaused(undefined);
  });
  const missed = paused ? entries.filter(({ id }) => id > (paused.at(-1)?.id ?? 0)).length : 0;
  return (
    <>
      <ViewHeader title="Requests" about="What clients sent, newest first. Secrets are masked.">
        <Button
          icon={paused ? "play" : "pause"}
          onClick={() => setPaused(paused ? undefined : entries)}
        >
          {paused ? `Resume (${missed} new)` : "Pause"}
        </Button>
        <Button icon="trash" busy={clear.busy} onClick={() => void clear.run()}>
          Clear
        </Button>
      </ViewHeader>
      {clear.error !== undefined && <ErrorBox error={clear.error} />}
      <Split
        list={
          <>
            <Toolbar filter={filter} onChange={setFilter} />
            {!journalRead && <Loading what="the journal" />}
            {journalRead && entries.length === 0 && (
              <Empty title="No request yet">
                Requests to {location.origin} for the app {app.id} appear here as they come.
              </Empty>
            )}
            {source.length > 0 && matching.length === 0 && (
              <Empty title="No request matches">
                <Button onClick={() => setFilter(NO_FILTER)}>Clear the filter</Button>
              </Empty>
            )}
            {shown.length > 0 && (
              <RowTable
                label="Requests"
                columns={COLUMNS}
                rows={shown.map((entry) => rowOf(entry, app.id))}
                current={route.id}
                linkColumn={2}
                name="requests"
              />
            )}
            {matching.length > shown.length && (
              <div class="pages">
                <p>
                  The newest {shown.length} of {matching.length}
                </p>
                <Button onClick={() => setAll(true)}>Show all</Button>
              </div>
            )}
          </>
        }
        detail={
          route.id !== undefined && (
            <RequestDetail
              key={route.id}
              id={route.id}
              entry={source.find(({ id }) => String(id) === route.id)}
              closeHref={hrefOf(app.id, "requests")}
            />
          )
        }
      />
    </>
  );
}

interface ToolbarProps {
  filter: JournalFilter;
  onChange: (filter: JournalFilter) => void;
}

function Toolbar({ filter, onChange }: ToolbarProps): JSX.Element {
  return (
    <div class="toolbar" role="search" aria-label="Requests">
      <label class="search">
        <Icon name="search" />
        <span class="visually-hidden">Filter requests</span>
        <input
          type="search"
          class="input"
          placeholder="Path, uid, status or code"
          value={filter.text}
          onInput={(event) => onChange({ ...filter, text: event.currentTarget.value })}
        />
      </label>
      <Select
        value={filter.method}
        options={[["", "All methods"], ...METHODS.map((method) => [method, method] as const)]}
        onChange={(method) => onChange({ ...filter, method })}
        attributes={{ "aria-label": "Method" }}
      />
      <Select
        value={filter.result}
        options={RESULT_FILTERS}
        onChange={(result) => onChange({ ...filter, result })}
        attributes={{ "aria-label": "Result" }}
      />
    </div>
  );
}

function rowOf(entry: JournalEntry, app: string): Row {
  const { id, at, method, path, uid, ms, code, fault } = entry;
  const result = resultOf(entry);
  return {
    key: String(id),
    href: hrefOf(app, "requests", id),
    link: <code>{path}</code>,
    label: `${method} ${path}`,
    cells: [
      <time dateTime={new Date(at).toISOString()}>{exactTimeOf(at)}</time>,
      <span class="method">{method}</span>,
      null,
      <span class="result">
        <Badge tone={result.tone}>{result.text}</Badge>
        {fault !== null && (
          <Badge tone="warn" icon="faults">
            fault
          </Badge>
        )}
        {code !== null && <span class="code">{code}</span>}
      </span>,
      uid ?? "",
      ms === null ? "" : durationText(ms),
    ],
  };
}
