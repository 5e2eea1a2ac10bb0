/**
 * The public types of each entry as one text in `api/`, so that each change of them shows in a
 * diff.
 *
 * node tests/types/api-report.mjs    writes them from the package that the test last installed
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

const HERE = fileURLToPath(new URL("./", import.meta.url));
/** What the main entry, `./lazy` and `./wasm-url` have, and `./react`. */
export const ENTRIES = ["facade", "react"];

/**
 * @param {string} entry
 * @param {boolean} write whether a report that differs is written, or only reported
 * @returns {{same: boolean, warnings: string[]}} whether the types are those of the report, and what
 *   the extractor did not like
 */
export function report(entry, write) {
  const installed = join(HERE, "node_modules", "cometchat-auth");
  if (!existsSync(installed)) {
    throw new Error(
      'the package is not installed here; run "cargo xtask test --only package" first',
    );
  }
  const scratch = mkdtempSync(join(tmpdir(), "cometchat-auth-api-"));
  // The extractor ignores other files below node_modules.
  const projectFolder = join(scratch, "package");
  cpSync(installed, projectFolder, { recursive: true });
  const warnings = [];
  try {
    const config = ExtractorConfig.prepare({
      configObject: {
        projectFolder,
        mainEntryPointFilePath: join(projectFolder, `${entry}.d.ts`),
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              target: "es2022",
              lib: ["es2022", "dom"],
              module: "nodenext",
              moduleResolution: "nodenext",
              strict: true,
              types: [],
            },
          },
        },
        apiReport: {
          enabled: true,
          reportFileName: `${entry}.api.md`,
          reportFolder: join(HERE, "api"),
          reportTempFolder: scratch,
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          extractorMessageReporting: {
            default: { logLevel: "warning" },
            // Everything exported is public.
            "ae-missing-release-tag": { logLevel: "none" },
            // Members whose names suffice, and what the other entry exports.
            "ae-undocumented": { logLevel: "none" },
            "ae-forgotten-export": { logLevel: "none" },
          },
          tsdocMessageReporting: { default: { logLevel: "none" } },
        },
        newlineKind: "lf",
      },
      configObjectFullPath: undefined,
      packageJsonFullPath: join(projectFolder, "package.json"),
    });
    const result = Extractor.invoke(config, {
      localBuild: write,
      messageCallback(message) {
        message.handled = true;
        if (
          ["error", "warning"].includes(message.logLevel) &&
          !message.messageId.startsWith("console-api-report-")
        ) {
          warnings.push(message.text);
        }
      },
    });
    return { same: !result.apiReportChanged, warnings };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const entry of ENTRIES) {
    const { same, warnings } = report(entry, true);
    console.log(`${entry}.api.md ${same ? "is as it was" : "written"}`, ...warnings);
  }
}
