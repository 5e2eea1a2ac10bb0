/** The emulator's dashboard. */
import { render } from "preact";
import { Dashboard } from "./dashboard.tsx";
import { LiveContext } from "./hooks.ts";
import { Live } from "./live.ts";
import { applyTheme, storedTheme } from "./theme.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/sidebar.css";
import "./styles/buttons.css";
import "./styles/forms.css";
import "./styles/feedback.css";
import "./styles/panels.css";
import "./styles/tables.css";
import "./styles/details.css";
import "./styles/dialog.css";

const root = document.getElementById("dashboard");
if (root === null) {
  throw new Error("index.html has no element #dashboard.");
}
applyTheme(storedTheme());
const live = new Live();
live.start();
render(
  <LiveContext.Provider value={live}>
    <Dashboard />
  </LiveContext.Provider>,
  root,
);
