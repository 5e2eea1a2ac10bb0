/** The app's data as a whole: snapshots, documents, reset. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as control from "../api/control.ts";
import { useAction, useApp, useLive } from "../hooks.ts";
import { parseObject } from "../lib/json.ts";
import { timeOf } from "../lib/time.ts";
import type { Snapshot } from "../live.ts";
import { useStore } from "../store.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog, DialogForm } from "../ui/dialog.tsx";
import { CodeField, SelectField } from "../ui/field.tsx";
import { ErrorBox } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";
import { Panel } from "../ui/view.tsx";

export function Data(): JSX.Element {
  const app = useApp();
  const live = useLive();
  const [dialog, setDialog] = useState<"load" | "reset" | undefined>(undefined);
  const close = (): void => setDialog(undefined);
  const download = useAction(async () => {
    saveFile(`${app.id}.json`, JSON.stringify(await control.state(app.id), null, 2));
  });
  return (
    <Panel title="Data" about="Users, tokens, keys, roles and fault rules of this app.">
      {download.error !== undefined && <ErrorBox error={download.error} />}
      <div class="button-row">
        <Button icon="upload" onClick={() => setDialog("load")}>
          Load …
        </Button>
        <Button icon="download" busy={download.busy} onClick={() => void download.run()}>
          Download
        </Button>
        <Button kind="danger" onClick={() => setDialog("reset")}>
          Reset …
        </Button>
      </div>
      <Snapshots />
      {dialog === "load" && <LoadDialog onClose={close} />}
      {dialog === "reset" && (
        <ResetDialog
          onClose={close}
          onDone={() => {
            close();
            live.dataChanged();
            toast(`Reset the app ${app.id}.`);
          }}
        />
      )}
    </Panel>
  );
}

function Snapshots(): JSX.Element {
  const app = useApp();
  const live = useLive();
  const snapshots = useStore(live.snapshots).filter((snapshot) => snapshot.app === app.id);
  const take = useAction(async () => {
    const { name } = live.addSnapshot(app.id, await control.state(app.id));
    toast(`Took ${name}.`);
  });
  const restore = useAction(async ({ document, name }: Snapshot) => {
    await control.restore(app.id, document);
    live.dataChanged();
    toast(`Restored ${name}.`);
  });
  const failed = [take, restore].find(({ error }) => error !== undefined);
  return (
    <section class="snapshots" aria-label="Snapshots" tabIndex={-1}>
      <div class="section-header">
        <h4>Snapshots</h4>
        <Button icon="plus" busy={take.busy} onClick={() => void take.run()}>
          Take snapshot
        </Button>
      </div>
      {failed && <ErrorBox error={failed.error} />}
      {snapshots.length === 0 ? (
        <p class="note">
          A snapshot stores the present state of the app, and Restore brings it back. It is lost
          when you close or reload this tab. Download writes a file.
        </p>
      ) : (
        <ul class="items plain" aria-label="Snapshots">
          {snapshots.map((snapshot) => (
            <li key={snapshot.id} class="item">
              <div class="item-text">
                <p>
                  <strong>{snapshot.name}</strong>{" "}
                  <span class="item-about">{timeOf(snapshot.at)}</span>
                </p>
              </div>
              <span class="item-actions">
                <Button busy={restore.busy} onClick={() => void restore.run(snapshot)}>
                  Restore
                </Button>
                <IconButton
                  label={`Delete ${snapshot.name}`}
                  icon="trash"
                  danger
                  onClick={() => live.removeSnapshot(snapshot.id)}
                />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

type LoadMode = "seed" | "restore";

function LoadDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const app = useApp();
  const live = useLive();
  const [text, setText] = useState("");
  const [mode, setMode] = useState<LoadMode>("seed");
  const load = useAction(async () => {
    const document = parseObject(text);
    await (mode === "seed" ? control.seed(document) : control.restore(app.id, document));
    live.dataChanged();
    toast("Loaded the document.");
    onClose();
  });
  return (
    <Dialog title="Load a document" onClose={onClose} wide>
      <DialogForm action={load} submit="Load" onClose={onClose}>
        <SelectField<LoadMode>
          label="Mode"
          value={mode}
          onChange={setMode}
          options={[
            ["seed", "Add; entities with the same name are replaced"],
            ["restore", `Replace the app ${app.id}`],
          ]}
        />
        <div class="field">
          <label for="document-file">File</label>
          <input
            id="document-file"
            class="input file"
            type="file"
            accept="application/json,.json"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              void file?.text().then(setText);
            }}
          />
        </div>
        <CodeField
          label="Document"
          value={text}
          onInput={setText}
          rows={12}
          placeholder={`{ "apps": [{ "id": "${app.id}", "users": [{ "uid": "ann", "name": "Ann" }] }] }`}
          hint="A seed document, as --seed FILE and Download use it."
        />
      </DialogForm>
    </Dialog>
  );
}

function ResetDialog({
  onClose,
  onDone,
}: {
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const app = useApp();
  const reset = useAction(async () => {
    await control.reset(app.id);
    onDone();
  });
  return (
    <Dialog title={`Reset ${app.id}?`} onClose={onClose}>
      <DialogForm action={reset} submit="Reset app" onClose={onClose} danger>
        <p>
          This restores the users, tokens, keys, roles and fault rules of the app’s start. It
          empties the journal, sets the clock to real time, and ends all sessions.
        </p>
      </DialogForm>
    </Dialog>
  );
}

/** Has the browser save a text as a file. */
function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
