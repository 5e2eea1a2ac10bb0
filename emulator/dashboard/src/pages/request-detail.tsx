/** One request of the journal, in full. */
import type { JSX } from "preact";
import type { JournalEntry } from "../api/types.ts";
import { useApp, useLiveState } from "../hooks.ts";
import { curlOf } from "../lib/curl.ts";
import { actText, matchText } from "../lib/fault-text.ts";
import { resultOf } from "../lib/journal-filter.ts";
import { durationText, exactTimeOf } from "../lib/time.ts";
import { hrefOf } from "../route.ts";
import { Button } from "../ui/button.tsx";
import { copyText } from "../ui/copy.tsx";
import { Detail } from "../ui/detail.tsx";
import { Badge, Empty } from "../ui/states.tsx";
import { CodeBlock, Facts } from "../ui/view.tsx";

export interface RequestDetailProps {
  id: string;
  entry: JournalEntry | undefined;
  closeHref: string;
}

export function RequestDetail({ id, entry, closeHref }: RequestDetailProps): JSX.Element {
  return (
    <Detail
      rowKey={id}
      label={entry ? `Request ${entry.method} ${entry.path}` : `Request ${id}`}
      title={entry ? <RequestLine entry={entry} /> : `Request ${id}`}
      closeHref={closeHref}
    >
      {entry ? (
        <RequestContent entry={entry} />
      ) : (
        <Empty title="This request is not in the journal">
          The journal was cleared, or keeps newer requests only.
        </Empty>
      )}
    </Detail>
  );
}

function RequestLine({ entry }: { entry: JournalEntry }): JSX.Element {
  return (
    <span class="request-line">
      <span class="method">{entry.method}</span> <code>{entry.path}</code>
    </span>
  );
}

function RequestContent({ entry }: { entry: JournalEntry }): JSX.Element {
  const app = useApp();
  const result = resultOf(entry);
  const copy = (): Promise<void> => copyText(curlOf(entry, location.origin), "the curl command");
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  return (
    <>
      <div class="detail-toolbar">
        <Button icon="copy" onClick={() => void copy()}>
          Copy as curl
        </Button>
      </div>
      <Facts
        items={[
          [
            "Result",
            <span class="result">
              <Badge tone={result.tone}>{result.text}</Badge>
              {entry.code && <code>{entry.code}</code>}
            </span>,
          ],
          ["Time", exactTimeOf(entry.at)],
          ["Duration", entry.ms === null ? "–" : durationText(entry.ms)],
          ["Host", <code>{entry.host}</code>],
          [
            "User",
            entry.uid === null ? "–" : <a href={hrefOf(app.id, "users", entry.uid)}>{entry.uid}</a>,
          ],
          ...(entry.fault === null
            ? []
            : [["Fault rule", <FaultLink id={entry.fault} />] as const]),
        ]}
      />
      {Object.keys(entry.query).length > 0 && <Pairs title="Query" pairs={entry.query} />}
      {entry.body !== null && (
        <>
          <h4>Body</h4>
          <CodeBlock
            label="Body"
            code={typeof entry.body === "string" ? entry.body : json(entry.body)}
          />
        </>
      )}
      {entry.socket && (
        <>
          <h4>Web socket</h4>
          <CodeBlock label="Web socket" code={entry.socket.map(json).join("\n")} />
        </>
      )}
      <Pairs title="Headers" pairs={entry.headers} />
    </>
  );
}

function FaultLink({ id }: { id: number }): JSX.Element {
  const app = useApp();
  const { faults } = useLiveState();
  const rule = faults.find((fault) => fault.id === id);
  return (
    <>
      <a href={hrefOf(app.id, "faults")}>Rule {id}</a>{" "}
      {rule ? `${matchText(rule, app.id)}: ${actText(rule.act)}` : "(removed since)"}
    </>
  );
}

interface PairsProps {
  title: string;
  pairs: Readonly<Record<string, unknown>>;
}

function Pairs({ title, pairs }: PairsProps): JSX.Element {
  return (
    <>
      <h4>{title}</h4>
      <dl class="pairs">
        {Object.entries(pairs).map(([name, value]) => (
          <div key={name} class="pair">
            <dt>{name}</dt>
            <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
