/** Which hosts `init` connects ahead to (rule B20): none that it refuses (rule B18). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { realm } from "../support/facade.mjs";

const { baseUrls, origins } = await realm({ globals: { URL } });
const US = ["https://app.api-us.cometchat.io", "https://app.apiclient-us.cometchat.io"];
const of = (args) => [...origins({ appId: "app", region: "us", ...args, ...baseUrls(args) })];

test("b20 the hosts of the region, or those of the app", () => {
  assert.deepEqual(of({}), US);
  assert.deepEqual(of({ region: " US " }), US);
  // An object counts as not given, as it does in the core.
  for (const region of [undefined, null, "", {}, ["us"]])
    assert.deepEqual(of({ region })[0], "https://app.api-eu.cometchat.io");
  assert.deepEqual(
    of({ adminHost: "a.example.com/v3", clientHost: "https://c.example.com:8443/" }),
    ["https://a.example.com", "https://c.example.com:8443"],
  );
  assert.deepEqual(of({ clientHost: "c.example.com" }), [US[0], "https://c.example.com"]);
  assert.deepEqual(
    of({ emulator: "http://127.0.0.1:8599/" }),
    Array(2).fill("http://127.0.0.1:8599"),
  );
});

for (const args of [
  { appId: undefined },
  { appId: "a/b" },
  { appId: "-app" },
  { appId: "a".repeat(64) },
  { region: "moon" },
  { adminHost: "admin.example.com", emulator: "http://127.0.0.1" },
  { emulator: "127.0.0.1:8599" },
  { emulator: "/emulator" },
  { emulator: "http://example.com" },
  { emulator: "http://192.0.2.1:8599" },
]) {
  test(`b20 nothing is connected to with ${JSON.stringify(args)}`, () =>
    assert.throws(() => of(args), { name: "TypeError" }));
}

for (const host of [
  ...[
    "http://chat.example.com",
    "http://127.",
    "http://127.0.0.256",
    "http://127.0.0.1.example.com",
  ],
  ...[
    "https:/chat.example.com",
    "https:///x",
    "https://",
    "ftp://chat.example.com",
    "//chat.example.com",
  ],
  ...["chat.example.com?x", "chat.example.com#x", "user@chat.example.com", "chat.example.com:x"],
  ...[
    "chat..example.com",
    ".example.com",
    "chat.example.com.",
    "chat example.com",
    "chat.example.com\\x",
  ],
  ...[
    "1",
    "0x7f.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.256",
    "example.1",
    "example.0x1",
    "0x7f000001",
  ],
  ...[
    "[::1",
    "::1",
    "[::g]",
    "http://[::2]",
    "a".repeat(64),
    `${"a".repeat(64)}.com`,
    "ex%61mple.com",
  ],
  ...[
    "exämple.com",
    "http://localhost.example.com",
    "javascript:alert(1)",
    "\u00a0chat.example.com",
  ],
]) {
  test(`b18 a login is not prepared for the host ${JSON.stringify(host)}`, () => {
    for (const name of ["clientHost", "adminHost"])
      assert.throws(() => of({ [name]: host }), { name: "TypeError" });
  });
}

for (const [host, origin] of [
  ["chat.example.com", "https://chat.example.com"],
  ["  chat.example.com\t", "https://chat.example.com"],
  ["HTTPS://Chat.example.com//", "https://chat.example.com"],
  ["http://localhost:8080/x", "http://localhost:8080"],
  ["http://app.localhost", "http://app.localhost"],
  ["http://127.0.0.1", "http://127.0.0.1"],
  ["http://[::1]:1", "http://[::1]:1"],
  ["10.0.0.1", "https://10.0.0.1"],
  ["my_host-1", "https://my_host-1"],
]) {
  test(`b18 a login is prepared for the host ${JSON.stringify(host)}`, () =>
    assert.deepEqual(of({ clientHost: host }), [US[0], origin]));
}

test("b20 the page's own origin is not connected to, other hosts are", async () => {
  const links = [];
  const document = {
    querySelector: () => null,
    createElement: () => ({}),
    head: { append: (link) => links.push(link.href) },
  };
  const location = { origin: "https://shop.example" };
  const localStorage = { getItem: () => null };
  const page = await realm({ globals: { URL, document, location, localStorage } });
  const connect = (args) => {
    links.length = 0;
    page.preconnect({ appId: "app", region: "us", ...page.baseUrls(args, location.origin) });
    return links;
  };
  assert.deepEqual(connect({ emulator: "/emulator" }), []);
  assert.deepEqual(connect({ emulator: "https://emulator.example" }), [
    "https://emulator.example",
    "https://emulator.example",
  ]);
  assert.deepEqual(connect({}), US);
});
