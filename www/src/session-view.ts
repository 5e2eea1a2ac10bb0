/** The session view: the logged-in user, the user's data, and where the session is stored. */
import type { User } from "cometchat-auth";
import { avatar } from "./avatar.ts";
import { el, setBusy } from "./dom.ts";
import { maskedText } from "./secret.ts";

export interface SessionFacts {
  persistence: string | null;
  appId: string | null;
}

export interface SessionView {
  element: HTMLElement;
  heading: HTMLElement;
}

/** Fields shown first, in this order. All others follow. */
const ORDER = [
  "uid",
  "name",
  "role",
  "status",
  "statusMessage",
  "avatar",
  "link",
  "metadata",
  "tags",
  "lastActiveAt",
  "createdAt",
];
const SECRETS: ReadonlySet<string> = new Set(["authToken", "jwt", "wsChannel"]);
const TIMES: ReadonlySet<string> = new Set([
  "lastActiveAt",
  "createdAt",
  "updatedAt",
  "deactivatedAt",
]);

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function sessionView(
  user: User,
  facts: SessionFacts,
  logout: () => Promise<void>,
): SessionView {
  const uid = user.getUid() ?? "";
  const name = user.getName() || uid;
  const heading = el("h2", { attrs: { id: "session-title" } }, name);
  const out = el(
    "button",
    {
      attrs: { type: "button" },
      on: {
        click: () => {
          if (out.hasAttribute("data-busy")) {
            return;
          }
          setBusy(out, true);
          void logout().finally(() => setBusy(out, false));
        },
      },
    },
    "Log out",
  );
  const kept = keptWhere(facts.persistence);
  const element = el(
    "section",
    { class: "panel session", attrs: { "aria-labelledby": "session-title" } },
    el("p", { class: "eyebrow" }, "Logged in as"),
    el(
      "div",
      { class: "who" },
      avatar(name, user.getAvatar(), "large"),
      el(
        "div",
        { class: "who-text" },
        heading,
        el("code", { class: "who-uid wrap" }, uid),
        el(
          "p",
          { class: "chips" },
          chip("status", user.getStatus() || "unknown"),
          chip("role", user.getRole() || "none"),
        ),
      ),
    ),
    el(
      "div",
      { class: "actions" },
      out,
      el(
        "a",
        {
          class: "button quiet",
          attrs: { href: location.pathname, target: "_blank", rel: "noopener" },
        },
        "Open a second tab",
        el("span", { class: "sr" }, " (new tab)"),
      ),
    ),
    el(
      "dl",
      { class: "kept" },
      el(
        "div",
        {},
        el("dt", {}, "persistence"),
        el(
          "dd",
          {},
          el("code", { attrs: { id: "persistence" } }, facts.persistence ?? "null"),
          el("span", {}, kept),
        ),
      ),
      el(
        "div",
        {},
        el("dt", {}, "app id"),
        el("dd", {}, el("code", { class: "wrap" }, facts.appId ?? "null")),
      ),
    ),
    fieldTable(user),
  );
  return { element, heading };
}

function chip(label: string, value: string): HTMLElement {
  return el(
    "span",
    { class: "chip", attrs: { "data-chip": label, "data-value": value } },
    el("span", { class: label === "status" ? "sr" : "" }, `${label}: `),
    value,
  );
}

function keptWhere(persistence: string | null): string {
  switch (persistence) {
    case "local":
      return "Reload the page: still logged in. Every tab of this browser follows.";
    case "session":
      return "Reload the page: still logged in, in this tab until it is closed.";
    case "memory":
      return "The browser refuses storage for this page: the session ends when you reload or leave.";
    default:
      return "";
  }
}

function fieldTable(user: User): HTMLElement {
  // Through JSON, so that the table shows what an app would send or save.
  const fields = JSON.parse(JSON.stringify(user)) as Record<string, unknown>;
  const names = Object.keys(fields).sort((a, b) => rank(a) - rank(b));
  return el(
    "table",
    { class: "fields" },
    el("caption", {}, "The ", el("code", {}, "User"), " object"),
    el(
      "thead",
      { class: "sr" },
      el(
        "tr",
        {},
        el("th", { attrs: { scope: "col" } }, "Field"),
        el("th", { attrs: { scope: "col" } }, "Value"),
      ),
    ),
    el(
      "tbody",
      {},
      ...names.map((name) =>
        el(
          "tr",
          {},
          el("th", { attrs: { scope: "row" } }, el("code", {}, name)),
          el("td", {}, cell(name, fields[name])),
        ),
      ),
    ),
  );
}

function rank(name: string): number {
  const place = ORDER.indexOf(name);
  return place >= 0 ? place : SECRETS.has(name) ? ORDER.length + 1 : ORDER.length;
}

function cell(name: string, value: unknown): Node | string {
  if (SECRETS.has(name)) {
    return maskedText(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  if (TIMES.has(name) && typeof value === "number" && value > 0) {
    const date = new Date(value * 1000);
    return el(
      "span",
      { class: "stamp" },
      el("code", {}, String(value)),
      el("time", { attrs: { datetime: date.toISOString() } }, DATE.format(date)),
    );
  }
  return el("code", { class: "wrap" }, typeof value === "string" ? value : JSON.stringify(value));
}
