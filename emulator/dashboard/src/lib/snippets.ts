/** Code that uses the running emulator, ready to be pasted. */
import type { App } from "../api/types.ts";

export interface Snippet {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** With the app's keys. */
  readonly code: string;
}

/** @param origin the emulator's address, without a slash at the end */
export function snippetsFor(app: App, origin: string): readonly Snippet[] {
  const text = (value: string): string => JSON.stringify(value);
  return [
    {
      id: "browser",
      title: "Browser",
      about: "npm install cometchat-auth. The copy has the Auth Key.",
      code: `import { CometChat } from "cometchat-auth";

const settings = new CometChat.AppSettingsBuilder()
  .setRegion(${text(app.region)})
  .useEmulator(${text(origin)})
  .build();

await CometChat.init(${text(app.id)}, settings);
const user = await CometChat.login("cometchat-uid-1", ${text(app.authKey)});
console.log(\`Hello \${user.getName()}\`);
`,
    },
    {
      id: "server",
      title: "Your server",
      about: "Creates an auth token. Only a server may have the REST API key.",
      code: `const response = await fetch(
  ${text(`${origin}/v3/users/cometchat-uid-1/auth_tokens`)},
  {
    method: "POST",
    headers: {
      appId: ${text(app.id)},
      apiKey: process.env.COMETCHAT_EMULATOR_REST_API_KEY,
    },
  },
);
const { data } = await response.json();
console.log(data.authToken);
`,
    },
    {
      id: "curl",
      title: "curl",
      about: "Creates an auth token.",
      code: `curl -X POST '${origin}/v3/users/cometchat-uid-1/auth_tokens' \\
  -H 'appId: ${app.id}' \\
  -H "apiKey: $COMETCHAT_EMULATOR_REST_API_KEY"
`,
    },
    {
      id: "environment",
      title: "Environment",
      about: "The names that “cometchat-emulator exec” sets. The copy has the keys.",
      code: `COMETCHAT_EMULATOR_URL=${origin}
COMETCHAT_EMULATOR_APP_ID=${app.id}
COMETCHAT_EMULATOR_REGION=${app.region}
COMETCHAT_EMULATOR_AUTH_KEY=${app.authKey}
COMETCHAT_EMULATOR_REST_API_KEY=${app.restApiKey}
`,
    },
  ];
}

/** The snippet as shown: with its keys covered. */
export function shownCode(code: string, app: App): string {
  return [app.restApiKey, app.authKey]
    .filter((key) => key !== "")
    .reduce((shown, key) => shown.replaceAll(key, "••••••••"), code);
}
