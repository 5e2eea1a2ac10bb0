/** The frame around the views: which app, which view, and how the emulator is. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { App } from "./api/types.ts";
import { useKeptFocus } from "./focus.ts";
import { AppContext, useLive, useLiveState } from "./hooks.ts";
import { inForce } from "./lib/fault-presets.ts";
import { offsetText, timeOf } from "./lib/time.ts";
import { AccessView } from "./pages/access.tsx";
import { FaultsView } from "./pages/faults.tsx";
import { OverviewView } from "./pages/overview.tsx";
import { RequestsView } from "./pages/requests.tsx";
import { SettingsView } from "./pages/settings.tsx";
import { UsersView } from "./pages/users.tsx";
import { hrefOf, useRoute, type PageName, type Route } from "./route.ts";
import { Sidebar } from "./sidebar.tsx";
import { TITLES } from "./titles.ts";
import { Icon } from "./ui/icon.tsx";
import { Loading } from "./ui/states.tsx";
import { Toasts } from "./ui/toast.tsx";

const VIEWS: Readonly<Record<PageName, (props: { route: Route }) => JSX.Element>> = {
  overview: OverviewView,
  users: UsersView,
  requests: RequestsView,
  faults: FaultsView,
  access: AccessView,
  settings: SettingsView,
};

export function Dashboard(): JSX.Element {
  const route = useRoute();
  const { apps, info, connection } = useLiveState();
  const app = apps.find(({ id }) => id === route.app);
  useSelectedApp(route, apps, info?.defaultApp);
  const title = TITLES[route.page];
  useEffect(() => {
    document.title = `${title} · CometChat emulator`;
  }, [title]);
  const main = useFocusOnNewPage(route.page);
  useKeptFocus(main);
  const View = VIEWS[route.page];
  return (
    <div class="frame">
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          // The hash is the address of the view.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to content
      </a>
      <Sidebar route={route} app={app} />
      <main class="main" id="main" ref={main} tabIndex={-1} aria-label={title}>
        <ConnectionBanner />
        {app && <StateBanner app={app} page={route.page} />}
        {app ? (
          <AppContext.Provider value={app}>
            <View key={app.id} route={route} />
          </AppContext.Provider>
        ) : (
          ["connecting", "live"].includes(connection.state) && <Loading what="the emulator" />
        )}
      </main>
      <Toasts />
    </div>
  );
}

/** Follows the app in the address; without one, or with an unknown one, goes to the default app. */
function useSelectedApp(route: Route, apps: readonly App[], defaultApp: string | undefined): void {
  const live = useLive();
  const known = apps.some(({ id }) => id === route.app);
  useEffect(() => {
    if (known) {
      live.follow(route.app);
    } else if (defaultApp !== undefined && apps.some(({ id }) => id === defaultApp)) {
      location.replace(hrefOf(defaultApp, route.page));
    }
  }, [known, route.app, defaultApp]);
}

/** Moves the focus to the content when the user goes to another page, as a page load would. */
function useFocusOnNewPage(page: PageName): { current: HTMLElement | null } {
  const main = useRef<HTMLElement>(null);
  const last = useRef(page);
  useEffect(() => {
    if (last.current !== page) {
      last.current = page;
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }, [page]);
  return main;
}

function ConnectionBanner(): JSX.Element {
  const { connection } = useLiveState();
  return (
    <div role="alert" class="banner-place">
      {connection.state === "failed" && (
        <div class="banner bad">
          <Icon name="warning" />
          <p>
            <strong>The emulator answers with an error.</strong> {connection.message}
          </p>
        </div>
      )}
      {connection.state === "lost" && (
        <div class="banner bad">
          <Icon name="warning" />
          <p>
            <strong>The emulator does not answer.</strong> The dashboard shows the state of{" "}
            {timeOf(connection.since)}, and tries again.
          </p>
        </div>
      )}
      {connection.state === "refused" && (
        <div class="banner bad">
          <Icon name="warning" />
          <p>
            <strong>The dashboard is for this machine only.</strong> {connection.message}
          </p>
        </div>
      )}
    </div>
  );
}

/** What makes the emulator differ from a fresh one, where it would surprise. */
function StateBanner({ app, page }: { app: App; page: PageName }): JSX.Element | null {
  const faults = inForce(useLiveState().faults);
  const parts: JSX.Element[] = [];
  if (faults.length > 0 && page !== "faults") {
    parts.push(
      <a key="faults" class="chip warn" href={hrefOf(app.id, "faults")}>
        <Icon name="faults" />
        {faults.length === 1 ? "1 fault rule is on" : `${faults.length} fault rules are on`}
      </a>,
    );
  }
  if (app.offsetSeconds !== 0 && page !== "settings") {
    parts.push(
      <a key="clock" class="chip warn" href={hrefOf(app.id, "settings")}>
        <Icon name="clock" />
        Clock {offsetText(app.offsetSeconds)}
      </a>,
    );
  }
  return parts.length > 0 ? <div class="chips">{parts}</div> : null;
}
