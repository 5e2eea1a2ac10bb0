/** Where the emulator is, how to use it, and how it is doing. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { App } from "../api/types.ts";
import { useApp, useLiveState } from "../hooks.ts";
import { inForce } from "../lib/fault-presets.ts";
import { resultOf } from "../lib/journal-filter.ts";
import { shownCode, snippetsFor } from "../lib/snippets.ts";
import { offsetText, timeOf } from "../lib/time.ts";
import { hrefOf } from "../route.ts";
import { CopyButton, Secret } from "../ui/copy.tsx";
import { Badge, Empty } from "../ui/states.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { CodeBlock, Facts, Panel, ViewHeader } from "../ui/view.tsx";

const RECENT = 6;

export function OverviewView(): JSX.Element {
  const app = useApp();
  return (
    <>
      <ViewHeader
        title="Overview"
        about="CometChat’s authentication service on this machine, for development and tests."
      />
      <Counts app={app} />
      <div class="columns">
        <UseIt app={app} />
        <Connect app={app} />
      </div>
      <Recent app={app} />
    </>
  );
}

function Counts({ app }: { app: App }): JSX.Element {
  const faults = inForce(useLiveState().faults);
  const items = [
    ["users", "Users", app.users.toLocaleString("en")],
    ["requests", "Requests", app.requests.toLocaleString("en")],
    ["faults", "Fault rules", faults.length === 0 ? "none" : `${faults.length} on`],
    ["settings", "Clock", app.offsetSeconds === 0 ? "real time" : offsetText(app.offsetSeconds)],
  ] as const;
  return (
    <ul class="counts">
      {items.map(([page, name, value]) => (
        <li key={page}>
          <a class="count" href={hrefOf(app.id, page)}>
            <span class="count-name">{name}</span>
            <span class="count-value">{value}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function UseIt({ app }: { app: App }): JSX.Element {
  const snippets = snippetsFor(app, location.origin);
  const [chosen, setChosen] = useState(snippets[0]?.id ?? "");
  return (
    <Panel title="Use it" about="Code for this address and app.">
      <Tabs
        label="Where"
        tabs={snippets.map(({ id, title }) => [id, title])}
        value={chosen}
        onChange={setChosen}
      >
        {snippets
          .filter(({ id }) => id === chosen)
          .map(({ id, title, about, code }) => (
            <div key={id} class="snippet">
              <div class="snippet-head">
                <p>{about}</p>
                <CopyButton text={code} what={`the ${title} snippet`} />
              </div>
              <CodeBlock label={`${title} snippet`} code={shownCode(code, app)} />
            </div>
          ))}
      </Tabs>
    </Panel>
  );
}

function Connect({ app }: { app: App }): JSX.Element {
  const { info } = useLiveState();
  const copied = (value: string, what: string): JSX.Element => (
    <span class="with-copy">
      <code>{value}</code>
      <CopyButton text={value} what={what} />
    </span>
  );
  const key = (value: string, what: string): JSX.Element =>
    value === "" ? <>none</> : <Secret value={value} what={what} />;
  return (
    <Panel title="Connection">
      <Facts
        items={[
          ["Address", copied(location.origin, "address")],
          ["App id", copied(app.id, "app id")],
          ["Region", copied(app.region, "region")],
          ["Auth Key", key(app.authKey, "Auth Key")],
          ["REST API key", key(app.restApiKey, "REST API key")],
          ["Storage", info?.kept ? "a database file" : "memory, until the emulator ends"],
        ]}
      />
    </Panel>
  );
}

function Recent({ app }: { app: App }): JSX.Element {
  const { entries } = useLiveState();
  const recent = entries
    .filter(({ method }) => method !== "OPTIONS")
    .slice(-RECENT)
    .reverse();
  return (
    <Panel
      title="Latest requests"
      flush
      actions={<a href={hrefOf(app.id, "requests")}>All requests</a>}
    >
      {recent.length === 0 ? (
        <Empty title="No request yet">Run the code above: its requests appear here.</Empty>
      ) : (
        <ol class="recent">
          {recent.map((entry) => {
            const result = resultOf(entry);
            return (
              <li key={entry.id}>
                <a class="recent-link" href={hrefOf(app.id, "requests", entry.id)}>
                  <time>{timeOf(entry.at)}</time>
                  <span class="method">{entry.method}</span>
                  <code>{entry.path}</code>
                  <Badge tone={result.tone}>{result.text}</Badge>
                </a>
              </li>
            );
          })}
        </ol>
      )}
    </Panel>
  );
}
