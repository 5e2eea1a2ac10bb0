/// <reference types="vite/client" />

/** Environment variables of the build; see `config.ts` for the defaults. */
interface ImportMetaEnv {
  readonly VITE_EMULATOR_URL?: string;
  readonly VITE_APP_ID?: string;
  readonly VITE_REGION?: string;
  readonly VITE_AUTH_KEY?: string;
}
