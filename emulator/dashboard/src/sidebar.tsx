/** Brand, app, navigation, connection. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { App } from "./api/types.ts";
import { useLiveState } from "./hooks.ts";
import { inForce } from "./lib/fault-presets.ts";
import { hrefOf, navigate, PAGES, type PageName, type Route } from "./route.ts";
import { storedTheme, storeTheme, THEMES, type Theme } from "./theme.ts";
import { TITLES } from "./titles.ts";
import { IconButton } from "./ui/button.tsx";
import { Select } from "./ui/field.tsx";
import { Icon, Mark } from "./ui/icon.tsx";

export function Sidebar({ route, app }: { route: Route; app: App | undefined }): JSX.Element {
  const { apps } = useLiveState();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [route.page, route.app]);
  return (
    <header
      class={open ? "sidebar open" : "sidebar"}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          setOpen(false);
        }
      }}
    >
      <div class="brand">
        <Mark />
        <div class="brand-text">
          <h1>CometChat emulator</h1>
          <p>unofficial</p>
        </div>
        <button
          type="button"
          class="icon-button menu-button"
          aria-label="Menu"
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? "close" : "menu"} />
        </button>
      </div>
      <div class="sidebar-body" id="navigation">
        {app && (
          <div class="app-choice">
            <label for="app">App</label>
            <Select
              value={app.id}
              options={apps.map(({ id }) => [id, id] as const)}
              onChange={(id) => navigate(hrefOf(id, route.page))}
              attributes={{ id: "app" }}
            />
          </div>
        )}
        <nav aria-label="Views">
          <ul class="nav">
            {PAGES.map((page) => (
              <li key={page}>
                <NavLink page={page} app={app} current={route.page === page} />
              </li>
            ))}
          </ul>
        </nav>
        <div class="sidebar-foot">
          <ConnectionState />
          <ThemeButton />
        </div>
      </div>
    </header>
  );
}

interface NavLinkProps {
  page: PageName;
  app: App | undefined;
  current: boolean;
}

function NavLink({ page, app, current }: NavLinkProps): JSX.Element {
  const faults = inForce(useLiveState().faults);
  const count = page === "faults" ? faults.length : page === "users" ? app?.users : undefined;
  return (
    <a
      href={hrefOf(app?.id ?? "", page)}
      class={page === "faults" && faults.length > 0 ? "nav-link active-faults" : "nav-link"}
      {...(current ? { "aria-current": "page" as const } : {})}
    >
      <Icon name={page} />
      <span class="nav-text">{TITLES[page]}</span>
      {count !== undefined && count > 0 && (
        <span class="nav-count">{count.toLocaleString("en")}</span>
      )}
    </a>
  );
}

const CONNECTION_TEXT = {
  connecting: "Connecting …",
  live: "Live",
  lost: "Not reachable",
  refused: "Refused",
  failed: "Error",
} as const;

function ConnectionState(): JSX.Element {
  const { connection, info } = useLiveState();
  return (
    <div class={`connection ${connection.state}`}>
      <span class="dot" aria-hidden="true" />
      <div>
        <p class="connection-state" role="status">
          {CONNECTION_TEXT[connection.state]}
        </p>
        <p class="connection-address">
          {location.host}
          {info && ` · ${info.version}`}
        </p>
      </div>
    </div>
  );
}

function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState<Theme>(storedTheme());
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
  return (
    <IconButton
      label={`Colours: ${theme}. Change to ${next}`}
      icon="theme"
      onClick={() => {
        storeTheme(next);
        setTheme(next);
      }}
    />
  );
}
