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
            toast(`The app ${app.id} is as at its start.`);
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
    <section class="snapshots" aria-label="Snapshots">
      <div class="section-header">
        <h4>Snapshots</h4>
        <Button icon="plus" busy={take.busy} onClick={() => void take.run()}>
          Take snapshot
        </Button>
      </div>
      {failed && <ErrorBox error={failed.error} />}
      {snapshots.length === 0 ? (
        <p class="note">
          A snapshot keeps the app as it is now, to go back to. It lives in this tab until you close
          or reload it; Download makes a file that stays.
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
          label="What it does"
          value={mode}
          onChange={setMode}
          options={[
            ["seed", "Adds to what is there; the same names are replaced"],
            ["restore", `Replaces the app ${app.id}`],
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
          Users, tokens, keys, roles and fault rules go back to what the app began with. The journal
          is emptied, the clock shows real time, and sessions end.
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
