/** The auth tokens of a user. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import * as service from "../api/service.ts";
import type { AuthToken } from "../api/types.ts";
import { useAction, useApp, useLive, useLiveState, useResource } from "../hooks.ts";
import { dateTimeOf } from "../lib/time.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { CopyButton, cover } from "../ui/copy.tsx";
import { ErrorBox, Loading } from "../ui/states.tsx";
import { toast } from "../ui/toast.tsx";

export function Tokens({ uid }: { uid: string }): JSX.Element {
  const app = useApp();
  const live = useLive();
  const { dataVersion } = useLiveState();
  const [created, setCreated] = useState<AuthToken | undefined>(undefined);
  const tokens = useResource(() => service.listTokens(app, uid), `${app.id} ${uid}`, [dataVersion]);
  const create = useAction(async () => {
    setCreated(await service.createToken(app, uid));
    live.dataChanged();
    toast("Created an auth token.");
  });
  const revoke = useAction(async (token: AuthToken) => {
    await service.revokeToken(app, token);
    live.dataChanged();
    toast("Revoked an auth token.");
  }, "queue");
  const revokeAll = useAction(async () => {
    await service.revokeTokens(app, uid);
    live.dataChanged();
    toast("Revoked all auth tokens.");
  });
  const items = tokens.data?.items ?? [];
  const stillThere =
    created && items.some(({ authToken }) => authToken === created.authToken) ? created : undefined;
  const failed = [create, revoke, revokeAll].find(({ error }) => error !== undefined);
  return (
    <section class="tokens" aria-label="Auth tokens" tabIndex={-1}>
      <div class="section-header">
        <h4>Auth tokens</h4>
        <Button icon="plus" busy={create.busy} onClick={() => void create.run()}>
          Create token
        </Button>
        {items.length > 1 && (
          <Button kind="quiet" busy={revokeAll.busy} onClick={() => void revokeAll.run()}>
            Revoke all
          </Button>
        )}
      </div>
      {failed && <ErrorBox error={failed.error} />}
      {tokens.error !== undefined && <ErrorBox error={tokens.error} onRetry={tokens.reload} />}
      {stillThere && <NewToken token={stillThere} onClose={() => setCreated(undefined)} />}
      {tokens.data === undefined && tokens.error === undefined && <Loading what="auth tokens" />}
      {tokens.data && items.length === 0 && (
        <p class="note">No auth token. Logging in with an Auth Key creates one, too.</p>
      )}
      <ul class="token-list">
        {items.map((token) => (
          <li key={token.authToken} class="token">
            <div class="token-text">
              <code>{cover(token.authToken)}</code>
              <span>
                {dateTimeOf(token.createdAt)}
                {token.platform && ` · ${token.platform}`}
              </span>
            </div>
            <CopyButton text={token.authToken} what={`auth token ${endOf(token)}`} />
            <IconButton
              label={`Revoke auth token ${endOf(token)}`}
              icon="trash"
              danger
              onClick={() => void revoke.run(token)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

const endOf = ({ authToken }: AuthToken): string => `…${authToken.slice(-4)}`;

/** The token that the user has just created, in full. */
function NewToken({ token, onClose }: { token: AuthToken; onClose: () => void }): JSX.Element {
  return (
    <div class="new-token" role="group" aria-label="New auth token">
      <code>{token.authToken}</code>
      <CopyButton text={token.authToken} what="the new auth token" />
      <IconButton label="Hide the new auth token" icon="close" onClick={onClose} />
    </div>
  );
}
