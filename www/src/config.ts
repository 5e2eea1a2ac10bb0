/** The page's settings: build-time environment variables with the emulator's defaults. */

export interface Config {
  /** Origin of the emulator, without a slash at the end. */
  emulatorUrl: string;
  appId: string;
  region: string;
  /** For development only: it is compiled into the page, where anyone can read it. */
  authKey: string;
}

type Env = Pick<
  ImportMetaEnv,
  "VITE_EMULATOR_URL" | "VITE_APP_ID" | "VITE_REGION" | "VITE_AUTH_KEY"
>;

/** Reads the settings from `env`. A blank or missing one gets the emulator's default value. */
export function readConfig(env: Env): Config {
  return {
    emulatorUrl: (env.VITE_EMULATOR_URL?.trim() || "http://127.0.0.1:8599").replace(/\/+$/, ""),
    appId: env.VITE_APP_ID?.trim() || "emulator-app",
    region: env.VITE_REGION?.trim() || "us",
    authKey: env.VITE_AUTH_KEY?.trim() || "emulator-auth-key",
  };
}
