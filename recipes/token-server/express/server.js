import { randomBytes } from "node:crypto";
import { join } from "node:path";
import express from "express";
import session from "express-session";

const {
  COMETCHAT_APP_ID,
  COMETCHAT_REGION,
  COMETCHAT_REST_API_KEY,
  COMETCHAT_EMULATOR_URL,
  PORT = "3000",
} = process.env;
for (const [name, value] of Object.entries({
  COMETCHAT_APP_ID,
  COMETCHAT_REGION,
  COMETCHAT_REST_API_KEY,
})) {
  if (!value) throw new Error(`${name} is not set`);
}
const host = `https://${COMETCHAT_APP_ID}.api-${COMETCHAT_REGION}.cometchat.io`;
const api = `${COMETCHAT_EMULATOR_URL ?? host}/v3`;

/** A uid as one segment of a path. URL parsers resolve `.` and `..`, even percent-encoded. */
function segment(uid) {
  if (uid === "." || uid === "..") throw Object.assign(new Error("Invalid uid."), { status: 400 });
  return encodeURIComponent(uid);
}

/** Creates an auth token of this user. The REST API key is sent to CometChat only. */
async function mint(uid) {
  const reply = await fetch(`${api}/users/${segment(uid)}/auth_tokens`, {
    method: "POST",
    headers: {
      apiKey: COMETCHAT_REST_API_KEY,
      "Content-Type": "application/json",
      Accept: "application/json",
    },
    body: "{}",
    signal: AbortSignal.timeout(10_000),
  });
  const { data, error } = await reply.json();
  if (!reply.ok) throw new Error(`CometChat made no auth token: ${reply.status} ${error?.code}`);
  return data.authToken;
}

const app = express();
app.disable("x-powered-by");
app.use(express.static(join(import.meta.dirname, "../page/dist")));
app.use(express.json());
// In production use HTTPS with `secure: true`, and a persistent store.
const cookie = { httpOnly: true, sameSite: "strict" };
app.use(
  session({
    secret: randomBytes(32).toString("hex"),
    resave: false,
    saveUninitialized: false,
    cookie,
  }),
);

/** The user of the app, and the settings of the page. It contains no key. */
const state = ({ session }) => ({
  uid: session.uid ?? null,
  appId: COMETCHAT_APP_ID,
  region: COMETCHAT_REGION,
  emulatorUrl: COMETCHAT_EMULATOR_URL ?? null,
});

app.get("/session", (request, response) => response.json(state(request)));

// PLACEHOLDER for your app's own login. It accepts every uid without a password.
app.post("/session", (request, response, next) => {
  request.session.regenerate((error) => {
    if (error) return next(error);
    request.session.uid = String(request.body?.uid);
    return response.json(state(request));
  });
});

app.delete("/session", (request, response, next) => {
  request.session.regenerate((error) => (error ? next(error) : response.json(state(request))));
});

app.post("/token", async (request, response) => {
  // The uid comes from the app's session, never from the page.
  const { uid } = request.session;
  if (!uid) return response.sendStatus(401);
  const authToken = await mint(uid);
  return response.set("Cache-Control", "no-store").json({ authToken });
});

app.use((error, _request, response, _next) => {
  console.error(error.message);
  response.sendStatus(error.status ?? 502);
});

const server = app.listen(Number(PORT), "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
