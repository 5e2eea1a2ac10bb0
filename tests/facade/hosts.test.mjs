/** Which hosts an app may name, and the URLs made of them (rule B18). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { realm } from "../support/facade.mjs";

const { baseUrls, isThisMachine } = await realm({ globals: { URL } });
const PAGE = "https://page.example";
const override = (clientHost) => baseUrls({ clientHost }, PAGE).clientHost;
const emulator = (address, page = PAGE) => baseUrls({ emulator: address }, page).emulator;

const CORPUS = JSON.parse(readFileSync(new URL("../hosts.json", import.meta.url), "utf8"));

test("b18 the corpus covers both kinds of hosts", () => assert.ok(CORPUS.length > 60));

for (const { host, kind, base } of CORPUS)
  test(`b18 ${kind} ${JSON.stringify(host)}: ${base ?? "refused"}`, () =>
    assert.equal(kind === "override" ? override(host) : emulator(host), base ?? ""));

for (const [host, base] of [
  ["\tHTTPS://Chat.Example:8443/v3.0/ ", "https://Chat.Example:8443/v3.0"],
  ["an_app.api-us.cometchat.io", "https://an_app.api-us.cometchat.io"],
  ["10.0.0.1:80", "https://10.0.0.1:80"],
  ["http://[::1]:8599/x", "http://[::1]:8599/x"],
  ["[2001:db8:0:0:0:0:0:1]", "https://[2001:db8:0:0:0:0:0:1]"],
  ["[fe80::1:2]", "https://[fe80::1:2]"],
  ["HTTP://LOCALHOST/v3", "http://LOCALHOST/v3"],
  ["http://127.255.0.9", "http://127.255.0.9"],
  ["a".repeat(63), `https://${"a".repeat(63)}`],
  ["h/a~b.c_d-e%20", "https://h/a~b.c_d-e%20"],
])
  test(`b18 a host is a name or an address with port and path: ${host}`, () =>
    assert.equal(override(host), base));

for (const host of [
  ..."/|//|https:/chat.example.com|https:chat.example.com|http://127.|127.1|0x7f.1|a.0x".split("|"),
  ..."0x7f000001|2130706433|256.1.1.1|1.2.3|1.2.3.4.5|01.2.3.4|a..b|.a|a.|a b|u@h|h?x|h#x".split(
    "|",
  ),
  ..."h\\x|h//x|h/./x|h/../x|h/%2e%2e/x|h/%2E|:80|h:|h:x|h:65536|h:-1|h:80:80|ftp://h|//h".split(
    "|",
  ),
  ..."[::1|[::1]x|[::g]|[1:2:3]|[1::2::3]|[:::]|[1:2:3:4:5:6:7:8:9]|[]|http://|h%41".split("|"),
  ..."https://https://h|ä.example|h/ä|h\n.example|http://a.example|http://[::2]".split("|"),
  ..."http://127.0.0.1.evil.example|http://localhost.evil.example|http://xlocalhost".split("|"),
  ..."http://128.0.0.1|http://127.evil.example|http://127.0.0.1evil|http://localhost.local".split(
    "|",
  ),
  "a".repeat(64),
])
  test(`b18 any other host is refused: ${JSON.stringify(host)}`, () =>
    assert.equal(override(host), ""));

test("b18 a host that is not given has no URL", () => {
  for (const none of [undefined, null, "", "  ", {}, ["h"], () => "h", true])
    for (const name of ["adminHost", "clientHost", "emulator"])
      assert.equal(baseUrls({ [name]: none }, PAGE)[name], undefined);
});

for (const name of [
  ..."emulator emulator:8599 10.1.2.3 172.16.0.1 172.31.9.9 192.168.1.20 169.254.1.1".split(" "),
  ..."[fc00::1] [fd12:3456::1] [fe80::1] [FEBF::1] mac.local host.docker.internal app.test".split(
    " ",
  ),
])
  test(`b18 a development network has ${name}`, () =>
    assert.equal(emulator(`http://${name}`), `http://${name}`));

for (const name of [
  ..."8.8.8.8 172.15.0.1 172.32.0.1 192.169.0.1 169.253.1.1 100.64.0.1 [2001:db8::1]".split(" "),
  ..."[fec0::1] [fc::1] [fd::1] local.example xlocal.test.example example.com 10.example".split(
    " ",
  ),
])
  test(`b18 a development network does not have ${name}`, () =>
    assert.equal(emulator(`http://${name}`), ""));

test("b18 an emulator on the page's own origin is a path that cannot leave it", () => {
  assert.equal(emulator(" /emulator/ "), `${PAGE}/emulator`);
  assert.equal(emulator("/a/b", "http://shop.example"), "http://shop.example/a/b");
  for (const bad of [
    "//evil.example",
    "/\\evil.example",
    "/",
    "/../x",
    "/a//b",
    "/a?b",
    "emulator",
  ])
    assert.equal(emulator(bad), "", bad);
  for (const origin of [undefined, "", "null", "shop.example"])
    assert.equal(baseUrls({ emulator: "/emulator" }, origin).emulator, "", String(origin));
});

test("b27 this machine is told by the whole name", () => {
  for (const here of ["localhost", "app.localhost", "127.0.0.1", "127.0.0.2", "[::1]"])
    assert.equal(isThisMachine(here), true, here);
  for (const elsewhere of [
    ...["localhost.evil.example", "127.0.0.1.example", "10.0.0.1", "", undefined, "xlocalhost"],
    ...["128.0.0.1", "[::2]", "127.evil.example", "localhost.local"],
  ])
    assert.equal(isThisMachine(elsewhere), false, elsewhere);
});
