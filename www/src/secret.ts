import { el } from "./dom.ts";

const MASK = "••••••••••••";

/** A secret that is shown only on request. `label` names it for the button. */
export function maskedText(label: string, secret: string): HTMLElement {
  const text = el("code", { class: "wrap" }, MASK);
  const button = el(
    "button",
    {
      class: "quiet small",
      attrs: { type: "button", "aria-pressed": "false", "aria-label": `Show ${label}` },
      on: {
        click: () => {
          const show = button.getAttribute("aria-pressed") !== "true";
          button.setAttribute("aria-pressed", String(show));
          button.textContent = show ? "Hide" : "Show";
          text.textContent = show ? secret : MASK;
        },
      },
    },
    "Show",
  );
  return el("span", { class: "masked" }, text, button);
}
