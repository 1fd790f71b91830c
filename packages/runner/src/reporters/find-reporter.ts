import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { err, ok, type Result } from "@loom/core";
import type { Reporter } from "@loom/ports";
import { createReporter, isReporterName, REPORTER_NAMES, type ReporterOptions } from "@loom/reporters/table";
import type { StartError } from "../start-error.ts";

/** Makes a reporter, once it is known where it prints and what the run is. */
export type ReporterFactory = (options: ReporterOptions) => Reporter | Promise<Reporter>;

/**
 * Finds a reporter: one of Loom's own by its name, or a module that exports
 * `createReporter`.
 *
 * @param word - `plain`, `junit` and so on; or a path (relative to `cwd`) or the name of a package that is installed there.
 * @returns `REPORTER_NOT_FOUND` if there is none, or the module cannot be loaded.
 */
export async function findReporter(word: string, cwd: string): Promise<Result<ReporterFactory, StartError>> {
  if (isReporterName(word)) return ok((options) => createReporter(word, options));
  const location = locate(word, cwd);
  if (location === undefined) {
    const message = `Cannot find the reporter "${word}": it is neither one of ${REPORTER_NAMES.join(", ")}, nor a module that is installed in "${cwd}"`;
    return err({ code: "REPORTER_NOT_FOUND", message });
  }
  let loaded: object;
  try {
    loaded = (await import(pathToFileURL(location).href)) as object;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return refuse(word, `it cannot be loaded: ${why.split("\n")[0] ?? ""}`);
  }
  const create: unknown = "createReporter" in loaded ? loaded.createReporter : undefined;
  if (typeof create !== "function") return refuse(word, "it exports no function createReporter");
  return ok(create as ReporterFactory);
}

function locate(word: string, cwd: string): string | undefined {
  try {
    return createRequire(join(cwd, "package.json")).resolve(word);
  } catch {
    return undefined;
  }
}

function refuse(word: string, why: string): Result<never, StartError> {
  return err({ code: "REPORTER_NOT_FOUND", message: `Cannot use the reporter "${word}": ${why}` });
}
