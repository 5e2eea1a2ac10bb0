/** Transports the frames of a web socket between a client and the core, and runs its timers. */
import type { WebSocket } from "ws";
import type { Reaction, SocketEvent } from "./core.js";
import type { Shell } from "./shell.js";

/** Runs a conversation until its socket is closed. */
export function converse(shell: Shell, webSocket: WebSocket, id: number, deadline: number): void {
  const { farewellMs } = shell.core.bounds;
  let timer: NodeJS.Timeout | undefined;
  let farewell: NodeJS.Timeout | undefined;
  let over = false;

  const wait = (until: number): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        take("time");
      },
      Math.max(0, until - Date.now()),
    );
  };
  const end = (): void => {
    over = true;
    clearTimeout(timer);
    clearTimeout(farewell);
    unwatch();
    shell.stopping.signal.removeEventListener("abort", stop);
  };
  const take = (kind: SocketEvent, text?: string, code?: number): void => {
    if (over) return;
    const {
      send,
      close,
      gone,
      deadline: next,
    }: Reaction = shell.core.socketEvent(id, kind, text, code);
    if (send != null) webSocket.send(send);
    if (close != null) {
      end();
      webSocket.close(close[0], close[1]);
      setTimeout(() => {
        webSocket.terminate();
      }, farewellMs).unref();
    } else if (gone) end();
    else if (next !== undefined) wait(next);
    shell.notify();
  };
  // A client that logs out closes the socket itself once it has the response.
  const unwatch = shell.onSessions(() => {
    if (shell.core.socketHasEnded(id)) {
      farewell ??= setTimeout(() => {
        take("time");
      }, farewellMs);
    }
  });
  const stop = (): void => {
    take("stopping");
  };
  shell.stopping.signal.addEventListener("abort", stop);

  webSocket.on("message", (data: Buffer, binary: boolean) => {
    if (binary) take("binary");
    else take("text", data.toString());
  });
  webSocket.on("ping", () => {
    take("ping");
  });
  webSocket.on("error", (error: Error & { code?: string }) => {
    const large = error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
    take(large ? "large" : "broke");
  });
  webSocket.on("close", (code: number, reason: Buffer) => {
    if (code === 1006) take("broke");
    else take("closed", reason.toString(), code);
    end();
    shell.core.socketGone(id);
    shell.notify();
  });
  wait(deadline);
}
