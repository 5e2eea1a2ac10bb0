/**
 * The listener events of this tab, newest first. It shows codes and names only, never a message of
 * the service or a token.
 */
import type { LoginEvent } from "./auth.ts";
import { el } from "./dom.ts";

const KEEP = 40;

const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

export interface EventLog {
  /** A listener of the package fired. */
  event(event: LoginEvent): void;
  /** The page itself noticed something. */
  note(text: string): void;
}

export function eventLog(panel: HTMLElement): EventLog {
  const list = el("ol", { class: "log-list" });
  const empty = el("p", { class: "log-empty" }, "No events yet. Log in to see one.");
  const clear = el(
    "button",
    {
      class: "quiet small",
      attrs: { type: "button", hidden: true },
      on: {
        click: () => {
          list.replaceChildren();
          empty.hidden = false;
          clear.hidden = true;
          heading.focus();
        },
      },
    },
    "Clear",
  );
  const heading = el("h2", { attrs: { id: "log-title", tabindex: "-1" } }, "Event log");
  panel.replaceChildren(
    el("div", { class: "panel-head" }, heading, clear),
    el("p", { class: "hint" }, "Events of this tab's login listener."),
    el(
      "div",
      {
        attrs: {
          role: "log",
          "aria-live": "polite",
          "aria-relevant": "additions",
          "aria-labelledby": "log-title",
        },
      },
      list,
    ),
    empty,
  );

  const add = (kind: string, title: string, ...detail: (Node | string)[]): void => {
    const now = new Date();
    list.prepend(
      el(
        "li",
        { attrs: { "data-kind": kind } },
        el("span", { class: "log-title" }, title),
        el("time", { attrs: { datetime: now.toISOString() } }, CLOCK.format(now)),
        detail.length === 0 ? null : el("span", { class: "log-detail" }, ...detail),
      ),
    );
    while (list.childElementCount > KEEP) {
      list.lastElementChild?.remove();
    }
    empty.hidden = true;
    clear.hidden = false;
  };

  return {
    event: (event) =>
      add(event.type.endsWith("Failure") ? "bad" : "good", event.type, ...detailOf(event)),
    note: (text) => add("note", "page", text),
  };
}

function detailOf(event: LoginEvent): (Node | string)[] {
  switch (event.type) {
    case "loginSuccess":
      return [`${event.user.getName() ?? ""} `, el("code", {}, event.user.getUid() ?? "")];
    case "loginFailure":
    case "logoutFailure":
      return [el("code", {}, event.error.code)];
    case "logoutSuccess":
      return [];
  }
}
