import { el } from "./dom.ts";
import { initials } from "./people.ts";

/**
 * A round picture next to a user's name. It is decorative, so it has no accessible name. Initials
 * are shown until the picture has loaded, and if it fails to load.
 */
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
