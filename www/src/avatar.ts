import { el } from "./dom.ts";
import { initials } from "./people.ts";

/** A round picture. It decorates a name that stands beside it, so it has no name of its own; initials stand in until it has loaded, and if it does not. */
export function avatar(
  name: string,
  url: string | undefined,
  size: "small" | "large",
): HTMLElement {
  const frame = el(
    "span",
    { class: `avatar ${size}`, attrs: { "aria-hidden": "true" } },
    initials(name),
  );
  if (url !== undefined && url !== "") {
    const image = el("img", {
      attrs: { alt: "", decoding: "async", referrerpolicy: "no-referrer" },
      on: { load: () => frame.replaceChildren(image) },
    });
    image.src = url;
  }
  return frame;
}
