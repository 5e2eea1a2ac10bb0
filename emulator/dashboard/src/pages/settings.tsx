/** Clock, readings, data and apps. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as control from "../api/control.ts";
import type { Readings } from "../api/types.ts";
import { useAction, useApp, useLive, useLiveState, useNow, useResource } from "../hooks.ts";
import { dateTimeOf, offsetText } from "../lib/time.ts";
import { Button, Switch } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { ErrorBox, Loading } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";
import { Panel, ViewHeader } from "../ui/view.tsx";
import { Apps } from "./apps.tsx";
import { Data } from "./data.tsx";

export function SettingsView(): JSX.Element {
  const app = useApp();
  return (
    <>
      <ViewHeader title="Settings" about={`What the emulator does for the app ${app.id}.`} />
      <div class="columns even">
        <div class="column">
          <ClockPanel />
          <ReadingsPanel />
        </div>
        <div class="column">
          <Data />
          <Apps />
        </div>
      </div>
    </>
  );
}

const STEPS = [
  ["1 minute", 60],
  ["1 hour", 3_600],
  ["1 day", 86_400],
  ["30 days", 2_592_000],
] as const;

function ClockPanel(): JSX.Element {
  const app = useApp();
  const live = useLive();
  const now = useNow(1000);
  const [seconds, setSeconds] = useState("");
  const set = useAction(async (offset: number) => {
    await control.setClock(app.id, offset);
    await live.refresh();
    toast(`Clock: ${offsetText(offset)}.`);
  }, "queue");
  const advance = useAction(async (step: number) => {
    const { offsetSeconds } = await control.clock(app.id);
    await set.run(offsetSeconds + step);
  }, "queue");
  const failed = [set, advance].find(({ error }) => error !== undefined);
  const written = Number(seconds);
  const wrong = seconds.trim() !== "" && !Number.isInteger(written);
  return (
    <Panel title="Clock" about="Moves the emulator’s time, to test old sessions and tokens.">
      <p class="clock" aria-label="The emulator’s time">
        <span class="clock-time">{dateTimeOf(Math.floor(now / 1000) + app.offsetSeconds)}</span>
        <span class="clock-offset">{offsetText(app.offsetSeconds)}</span>
      </p>
      {failed && <ErrorBox error={failed.error} />}
      <div class="button-row" role="group" aria-label="Move the clock ahead">
        {STEPS.map(([text, step]) => (
          <Button key={step} icon="plus" onClick={() => void advance.run(step)}>
            {text}
          </Button>
        ))}
        <Button disabled={app.offsetSeconds === 0} onClick={() => void set.run(0)}>
          Back to real time
        </Button>
      </div>
      <form
        class="inline-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong && seconds.trim() !== "") {
            void set.run(written);
          }
        }}
      >
        <TextField
          label="Seconds ahead"
          value={seconds}
          onInput={setSeconds}
          placeholder={String(app.offsetSeconds)}
          error={wrong ? "Write a whole number; below 0 is behind." : undefined}
        />
        <Button type="submit" busy={set.busy}>
          Set
        </Button>
      </form>
    </Panel>
  );
}

const READINGS: readonly (readonly [keyof Readings, string, string])[] = [
  [
    "singleUseTokens",
    "An auth token allows one login",
    "A second login with it, on another device, fails with ERR_AUTHTOKEN_UNAVAILABLE.",
  ],
  [
    "logoutKeepsToken",
    "Logging out keeps the token",
    "Without it, logging out revokes the auth token.",
  ],
  [
    "strictAuthKeys",
    "Auth Keys only create tokens",
    "Without it, an Auth Key also creates and updates users.",
  ],
];

function ReadingsPanel(): JSX.Element {
  const app = useApp();
  const { connection } = useLiveState();
  const readings = useResource(() => control.readings(app.id), app.id, [connection.state]);
  const change = useAction(async (name: keyof Readings, on: boolean, label: string) => {
    readings.replace(await control.setReadings(app.id, { [name]: on }));
    toast(`${label}: ${on ? "on" : "off"}.`);
  }, "queue");
  return (
    <Panel
      title="Readings"
      about="The service’s documentation contradicts itself here. Test your client with both."
    >
      {readings.error !== undefined && (
        <ErrorBox error={readings.error} onRetry={readings.reload} />
      )}
      {change.error !== undefined && <ErrorBox error={change.error} />}
      {readings.data === undefined && readings.error === undefined && <Loading what="readings" />}
      {readings.data && (
        <div class="switches single">
          {READINGS.map(([name, label, about]) => (
            <Switch
              key={name}
              label={label}
              checked={readings.data?.[name] ?? false}
              onChange={(on) => void change.run(name, on, label)}
            >
              <p>{about}</p>
            </Switch>
          ))}
        </div>
      )}
    </Panel>
  );
}
