/** `cometchat-auth/react` in StrictMode, with the oldest supported React and the newest. */
import assert from "node:assert/strict";
import { before } from "node:test";
import { fileURLToPath } from "node:url";
import { htmlWith, labSuite, until } from "../support/lab.mjs";
import { bundle } from "../support/package.mjs";

const lab = labSuite();

/** Two components that show the logged-in user. They record every rendered text. */
const APP = (entry) => `
  import { createElement as h, StrictMode } from "react";
  import { createRoot, hydrateRoot } from "react-dom/client";
  import { renderToString } from "react-dom/server.browser";
  import { CometChat } from "${entry}";
  import { useLoggedinUser } from "cometchat-auth/react";

  const rendered = [];
  function Who({ id }) {
    const user = useLoggedinUser();
    const text = user === undefined ? "unknown" : user === null ? "nobody" : user.getName();
    rendered.push(text);
    return h("p", { id }, text);
  }
  const app = h(StrictMode, null, h(Who, { id: "a" }), h(Who, { id: "b" }));
  const place = () => document.body.appendChild(document.createElement("main"));
  const complaints = [];
  const onRecoverableError = (error) => complaints.push(String(error));
  Object.assign(window, {
    CometChat,
    rendered,
    complaints,
    mount() {
      const root = createRoot(place());
      root.render(app);
      return root;
    },
    hydrate() {
      const main = place();
      main.innerHTML = renderToString(app);
      const html = main.textContent;
      hydrateRoot(main, app, { onRecoverableError });
      return html;
    },
  });
`;

const KEY = '"emulator-auth-key"';
const login = (page, uid) =>
  page.evaluate(`CometChat.login("${uid}", ${KEY}).then(() => undefined)`);

const installed = (name) => fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url));

// The hook has the session of every entry.
for (const [version, suffix, entry] of [
  ["19", "", "cometchat-auth"],
  ["18", "-18", "cometchat-auth/lazy"],
]) {
  // By path, because pkg/ has no React.
  const alias = Object.fromEntries(
    ["react", "react-dom"].map((name) => [name, installed(name + suffix)]),
  );
  let files;
  before(async () => void (files = await bundle({ app: APP(entry) }, alias)));

  const component = (name, body) =>
    lab.test(`React ${version}: ${name}`, async (given) => {
      for (const [path, text] of files) given.serve(path, { type: "text/javascript", body: text });
      given.serve("/favicon.ico", { body: "" });
      given.serve("/react", { body: htmlWith('<script type="module" src="/app.js"></script>') });
      const open = async () => {
        const page = await given.open("/react");
        const shows = (text) =>
          until(`both components show ${text}`, () =>
            page.evaluate(
              (text) => ["a", "b"].every((id) => document.getElementById(id)?.textContent === text),
              text,
            ),
          );
        return { page, shows };
      };
      await body({ open, given });
      // React reports broken rules of hooks and different markup in the console.
      assert.deepEqual(
        given.console
          .filter((message) => message.type() === "error")
          .map((message) => message.text()),
        [],
      );
    });

  component(
    "unknown before init, without compiling the WebAssembly; then no user, the user, no user",
    async ({ open, given }) => {
      const { page, shows } = await open();
      const scripts = [];
      page.on(
        "request",
        (request) => request.resourceType() === "script" && scripts.push(request.url()),
      );
      await page.evaluate(
        `window.modules = 0;
        WebAssembly.Module = new Proxy(WebAssembly.Module, {
          construct: (...args) => (modules++, Reflect.construct(...args)),
        });`,
      );
      await page.evaluate("void mount()");
      await shows("unknown");
      assert.deepEqual([await page.evaluate("modules"), scripts], [0, []]);
      await page.evaluate("lab.init()");
      await shows("nobody");
      assert.deepEqual(
        [await page.evaluate("modules"), scripts.length],
        [2, entry === "cometchat-auth/lazy" ? 1 : 0],
        "the WebAssembly and the reader of its text came with init",
      );
      await login(page, "superhero1");
      await shows("Iron Man");
      await login(page, "superhero2");
      await shows("Captain America");
      await page.evaluate("CometChat.logout()");
      await shows("nobody");
      assert.deepEqual(
        given.requests().map(({ method }) => method),
        ["POST", "PUT", "POST", "PUT", "DELETE"],
      );
    },
  );

  component(
    "a stored session is found by init, without a request and without rendering a logged-out state",
    async ({ open, given }) => {
      const first = await open();
      await first.page.evaluate("lab.init()");
      await login(first.page, "superhero1");
      const before = given.requests().length;
      const { page, shows } = await open();
      await page.evaluate("mount(), lab.init()");
      await shows("Iron Man");
      // The store may know the session before React renders for the first time.
      const texts = await page.evaluate("[...new Set(rendered)]");
      assert.deepEqual(
        texts.filter((text) => text !== "unknown"),
        ["Iron Man"],
      );
      assert.equal(given.requests().length, before);
    },
  );

  component("another tab's login and logout reach the components", async ({ open }) => {
    const [one, other] = [await open(), await open()];
    for (const { page } of [one, other]) await page.evaluate("mount(), lab.init()");
    await login(one.page, "superhero1");
    await other.shows("Iron Man");
    await one.page.evaluate("CometChat.logout()");
    await other.shows("nobody");
  });

  component("another tab's change of the user's data reaches the components", async ({ open }) => {
    const [one, other] = [await open(), await open()];
    for (const { page } of [one, other]) await page.evaluate("mount(), lab.init()");
    const uid = `renamed-${version}`;
    await one.page.evaluate(
      `CometChat.createUser({ uid: "${uid}", name: "Old name" }, ${KEY}).then(() => undefined)`,
    );
    await login(one.page, uid);
    await other.shows("Old name");
    await one.page.evaluate(
      `CometChat.updateCurrentUserDetails({ name: "New name" }).then(() => undefined)`,
    );
    await one.shows("New name");
    await other.shows("New name");
  });

  component("what happens while nothing is mounted is not missed", async ({ open }) => {
    const { page, shows } = await open();
    await page.evaluate("window.root = mount(), lab.init()");
    await shows("nobody");
    await page.evaluate("root.unmount()");
    await login(page, "superhero1");
    await page.evaluate("CometChat.getLoggedinUser()");
    await page.evaluate("rendered.length = 0, void mount()");
    await shows("Iron Man");
    assert.deepEqual(await page.evaluate("[...new Set(rendered)]"), ["Iron Man"]);
  });

  component("nothing is rendered again where nothing has changed", async ({ open }) => {
    const { page, shows } = await open();
    await page.evaluate("mount(), lab.init()");
    await login(page, "superhero1");
    await shows("Iron Man");
    const times = await page.evaluate("rendered.length");
    await login(page, "superhero1");
    await page.evaluate(`(async () => {
      for (let i = 0; i < 5; i++) await CometChat.getLoggedinUser();
      await CometChat.login("superhero1", "wrong").catch(() => undefined);
      dispatchEvent(new Event("focus"));
      await new Promise((resolve) => setTimeout(resolve, 50));
    })()`);
    assert.equal(await page.evaluate("rendered.length"), times);
  });

  component("dispose makes it unknown, the next init known again", async ({ open }) => {
    const { page, shows } = await open();
    await page.evaluate("mount(), lab.init()");
    await login(page, "superhero1");
    await shows("Iron Man");
    await page.evaluate("CometChat.dispose()");
    await shows("unknown");
    await page.evaluate("lab.init()");
    await shows("Iron Man");
  });

  component("hydration keeps the markup of the server, then the user appears", async ({ open }) => {
    const first = await open();
    await first.page.evaluate("lab.init()");
    await login(first.page, "superhero1");
    const { page, shows } = await open();
    await page.evaluate("lab.init()");
    assert.equal(await page.evaluate("hydrate()"), "unknownunknown");
    await shows("Iron Man");
    assert.deepEqual(await page.evaluate("complaints"), []);
  });
}
