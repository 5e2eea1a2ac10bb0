/** Checks workflows with the parser of GitHub's own editor. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL("./", import.meta.url));

let reader;
/** Bundled, because it imports JSON in a way that Node does not support. */
const load = () =>
  (reader ??= (async () => {
    const outfile = join(HERE, "node_modules", ".workflow-parser", "index.mjs");
    mkdirSync(join(outfile, ".."), { recursive: true });
    const stdin = { contents: 'export * from "@actions/workflow-parser";', resolveDir: HERE };
    await build({
      stdin,
      bundle: true,
      format: "esm",
      platform: "node",
      external: ["yaml", "cronstrue"],
      outfile,
      logLevel: "error",
    });
    return import(pathToFileURL(outfile));
  })());

/** Errors of a workflow, by line. */
export async function faultsIn(name, content) {
  const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await load();
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map((error) => error.message);
}
