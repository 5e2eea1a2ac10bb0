/** What `emulator/wasm` exports. `src/core.ts` gives it types. */

/** A running emulator. Texts are JSON; requests under way and web sockets are numbers. */
export class Emulator {
  constructor(options: string, url: string, atMs: number, entropy: Uint8Array);
  static bounds(): string;
  ready(): string;
  setUrl(url: string): void;
  admit(head: string): string;
  control(
    head: string,
    body: Uint8Array | undefined,
    atMs: number,
    entropy: Uint8Array,
    waited: boolean,
  ): string;
  begin(head: string, body: Uint8Array | undefined, atMs: number, entropy: Uint8Array): string;
  serve(id: number, atMs: number): string;
  finish(id: number, status: number | undefined, outcome: string, ms: number): void;
  socketEvent(id: number, kind: string, text: string, code: number, atMs: number): string;
  socketHasEnded(id: number): boolean;
  socketGone(id: number): void;
  sessionsRevision(): number;
  journalRevision(): number;
}

/** Makes the WebAssembly ready; to be called before anything else. */
export function initSync(source: { module: WebAssembly.Module }): unknown;
