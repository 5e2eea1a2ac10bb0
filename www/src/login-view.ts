/** The login view with its three ways to log in. `main.ts` carries them out. */
import { avatar } from "./avatar.ts";
import type { Config } from "./config.ts";
import { el, setBusy } from "./dom.ts";
import { avatarUrl, PEOPLE, type Person } from "./people.ts";

export interface LoginActions {
  /** Each resolves when the attempt has ended, successful or not. */
  withKey(uid: string, authKey: string): Promise<void>;
  throughYourServer(uid: string): Promise<void>;
}

export interface LoginView {
  element: HTMLElement;
  heading: HTMLElement;
}

export function loginView(config: Config, actions: LoginActions): LoginView {
  // One attempt at a time. The buttons stay focusable while it runs.
  let running = false;
  const attempt = async (button: HTMLButtonElement, action: () => Promise<void>): Promise<void> => {
    if (running) {
      return;
    }
    running = true;
    setBusy(button, true);
    element.setAttribute("aria-busy", "true");
    try {
      await action();
    } finally {
      running = false;
      setBusy(button, false);
      element.removeAttribute("aria-busy");
    }
  };

  const heading = el("h2", { attrs: { id: "pick-title" } }, "Pick a user");
  const element = el(
    "div",
    { class: "ways-in" },
    cards(
      config,
      heading,
      (person, button) => void attempt(button, () => actions.withKey(person.uid, config.authKey)),
    ),
    el(
      "div",
      { class: "pair" },
      yourServerPanel((uid, button) => void attempt(button, () => actions.throughYourServer(uid))),
      byHandPanel(
        config,
        (uid, authKey, button) => void attempt(button, () => actions.withKey(uid, authKey)),
      ),
    ),
  );
  return { element, heading };
}

function cards(
  config: Config,
  heading: HTMLElement,
  onPick: (person: Person, button: HTMLButtonElement) => void,
): HTMLElement {
  const items = PEOPLE.map((person) => {
    const button = el(
      "button",
      {
        class: "person",
        attrs: { type: "button", "data-uid": person.uid },
        on: { click: () => onPick(person, button) },
      },
      avatar(person.name, avatarUrl(config.emulatorUrl, person.uid), "small"),
      el("span", { class: "person-name" }, el("span", { class: "sr" }, "Log in as "), person.name),
      el("code", { class: "person-uid" }, person.uid),
    );
    return el("li", {}, button);
  });
  return el(
    "section",
    { class: "panel", attrs: { "aria-labelledby": "pick-title" } },
    el(
      "div",
      { class: "panel-head" },
      heading,
      el("span", { class: "tag warn" }, "development only"),
    ),
    el(
      "p",
      { class: "hint" },
      el("code", {}, "CometChat.login(uid, authKey)"),
      " with the emulator’s auth key. That key logs in any user, so it must not be in a " +
        "published page.",
    ),
    el("div", { class: "people-frame" }, el("ul", { class: "people" }, ...items)),
  );
}

function yourServerPanel(onSubmit: (uid: string, button: HTMLButtonElement) => void): HTMLElement {
  const select = el(
    "select",
    { attrs: { id: "mint-uid", name: "uid" } },
    ...PEOPLE.map(({ uid, name }) => el("option", { attrs: { value: uid } }, name)),
  );
  const button = el("button", { attrs: { type: "submit" } }, "Get a token and log in");
  return el(
    "section",
    { class: "panel", attrs: { "aria-labelledby": "mint-title" } },
    el(
      "div",
      { class: "panel-head" },
      el("h2", { attrs: { id: "mint-title" } }, "Through your server"),
      el("span", { class: "tag ok" }, "as in production"),
    ),
    el(
      "p",
      { class: "hint" },
      el("code", {}, "CometChat.login(authToken)"),
      " with a token your server mints. The REST API key stays there; this page never sees it.",
    ),
    el(
      "ol",
      { class: "route", attrs: { "aria-label": "How the token travels" } },
      el("li", {}, "page asks"),
      el("li", {}, "server mints"),
      el("li", {}, "page logs in"),
    ),
    el(
      "form",
      {
        on: {
          submit: (event) => {
            event.preventDefault();
            onSubmit(select.value, button);
          },
        },
      },
      el("label", { attrs: { for: "mint-uid" } }, "Mint for"),
      select,
      button,
    ),
    el(
      "p",
      { class: "hint after" },
      "The demo’s server gives a token to anyone. Your server must check its own session " +
        "and give out only that user’s token.",
    ),
  );
}

function byHandPanel(
  config: Config,
  onSubmit: (uid: string, authKey: string, button: HTMLButtonElement) => void,
): HTMLElement {
  const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false" };
  const uid = el("input", {
    attrs: { id: "hand-uid", name: "uid", type: "text", placeholder: "e.g. nobody-42", ...plain },
  });
  const key = el("input", { attrs: { id: "hand-key", name: "key", type: "password", ...plain } });
  key.value = config.authKey;
  const show = el("input", {
    attrs: { id: "hand-show", type: "checkbox" },
    on: {
      change: () => {
        key.type = show.checked ? "text" : "password";
      },
    },
  });
  const button = el("button", { attrs: { type: "submit" } }, "Log in");
  return el(
    "section",
    { class: "panel", attrs: { "aria-labelledby": "hand-title" } },
    el(
      "div",
      { class: "panel-head" },
      el("h2", { attrs: { id: "hand-title" } }, "By hand"),
      el("span", { class: "tag warn" }, "development only"),
    ),
    el(
      "p",
      { class: "hint" },
      "Try a uid that does not exist, or change the key, and see the error.",
    ),
    el(
      "form",
      {
        // No `required`: the package reports an empty field itself, without a request.
        attrs: { novalidate: true, autocomplete: "off" },
        on: {
          submit: (event) => {
            event.preventDefault();
            onSubmit(uid.value, key.value, button);
          },
        },
      },
      el("label", { attrs: { for: "hand-uid" } }, "Uid"),
      uid,
      el("label", { attrs: { for: "hand-key" } }, "Auth key"),
      key,
      el(
        "span",
        { class: "check" },
        show,
        el("label", { attrs: { for: "hand-show" } }, "Show the key"),
      ),
      button,
    ),
  );
}
