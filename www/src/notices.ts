/** The two messages above the view: the last problem, and an emulator that does not respond. */
import { el, focusOn } from "./dom.ts";
import { isOutage, type Problem } from "./errors.ts";

export interface Notices {
  showProblem(problem: Problem, retry: (() => void) | undefined): void;
  clearProblem(): void;
  /** Removes the problem if its only cause was that the emulator did not respond. */
  clearOutage(): void;
  showDown(emulatorUrl: string, lookNow: () => void): void;
  clearDown(): void;
}

export function notices(place: HTMLElement): Notices {
  const downSlot = el("div", { attrs: { "aria-live": "polite" } });
  const problemSlot = el("div");
  // The problem comes first: it has the focus and must not move.
  place.replaceChildren(problemSlot, downSlot);
  let current: Problem | undefined;

  const clearProblem = (): void => {
    current = undefined;
    problemSlot.replaceChildren();
  };

  return {
    showProblem(problem, retry) {
      current = problem;
      const comeBackTo = document.activeElement;
      const dismiss = (): void => {
        clearProblem();
        if (comeBackTo instanceof HTMLElement && comeBackTo.isConnected) {
          comeBackTo.focus();
        }
      };
      const box = el(
        "section",
        { class: "notice problem", attrs: { role: "alert", "aria-labelledby": "problem-code" } },
        el("h2", { attrs: { id: "problem-code" } }, el("code", {}, problem.code)),
        el("p", {}, problem.message),
        el("p", { class: "advice" }, el("strong", {}, "What to do: "), problem.advice),
        el("p", { class: "facts" }, facts(problem)),
        el(
          "div",
          { class: "actions" },
          retry !== undefined && problem.retryable
            ? el(
                "button",
                {
                  attrs: { type: "button" },
                  on: {
                    click: () => {
                      dismiss();
                      retry();
                    },
                  },
                },
                "Try again",
              )
            : null,
          el(
            "button",
            { class: "quiet", attrs: { type: "button" }, on: { click: dismiss } },
            "Dismiss",
          ),
        ),
      );
      problemSlot.replaceChildren(box);
      focusOn(box);
    },
    clearProblem,
    clearOutage() {
      if (current !== undefined && isOutage(current)) {
        clearProblem();
      }
    },
    showDown(emulatorUrl, lookNow) {
      downSlot.replaceChildren(
        el(
          "section",
          { class: "notice down", attrs: { "aria-labelledby": "down-title" } },
          el("h2", { attrs: { id: "down-title" } }, "The emulator does not respond"),
          el(
            "p",
            {},
            "Nothing is listening at ",
            el("code", {}, emulatorUrl),
            ". Start it in another terminal:",
          ),
          el("pre", {}, el("code", {}, "cargo xtask emulator")),
          el(
            "p",
            { class: "facts" },
            "A session on this device stays as it is. This page checks again every two seconds.",
          ),
          el(
            "div",
            { class: "actions" },
            el(
              "button",
              { class: "quiet", attrs: { type: "button" }, on: { click: lookNow } },
              "Look now",
            ),
          ),
        ),
      );
    },
    clearDown() {
      downSlot.replaceChildren();
    },
  };
}

function facts(problem: Problem): string {
  const parts = [problem.retryable ? "Retryable" : "Not retryable"];
  if (problem.status !== undefined) {
    parts.push(`HTTP ${problem.status}`);
  }
  if (problem.retryAfter !== undefined) {
    parts.push(`again in ${problem.retryAfter} s`);
  }
  return parts.join(" · ");
}
