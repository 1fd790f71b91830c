import { existsSync } from "node:fs";
import { err, ok, type EventError, type Result } from "@loom/core";
import { configPaths } from "./config-paths.ts";

/** Where jobs work. */
export type WorkspaceKind = "isolated" | "staged" | "in-place";

/** Words of `LOOM_IN_PLACE`. */
const WORDS: Readonly<Record<string, WorkspaceKind>> = {
  "1": "in-place",
  true: "in-place",
  "0": "isolated",
  false: "isolated",
};

/**
 * Decides where the jobs of a run work: by a flag, else by `LOOM_IN_PLACE`,
 * else by the configuration of the project, else by that of the user, else in
 * a snapshot.
 *
 * @returns `CONFIG_INVALID` when something says what cannot be understood, `FLAGS_EXCLUDE` when two flags contradict each other.
 */
export async function chooseWorkspace(
  flags: { readonly inPlace?: boolean; readonly staged?: boolean },
  place: { readonly env: Readonly<Record<string, string | undefined>>; readonly repoRoot: string },
): Promise<Result<WorkspaceKind, EventError>> {
  if (flags.inPlace === true && flags.staged === true) {
    const message =
      "Cannot run with both --staged and --in-place: what is staged can differ from what is in the checkout. Leave out one of them";
    return err({ code: "FLAGS_EXCLUDE", message });
  }
  if (flags.staged === true) return ok("staged");
  if (flags.inPlace === true) return ok("in-place");
  const word = place.env["LOOM_IN_PLACE"] ?? "";
  if (word !== "") {
    const kind = WORDS[word.toLowerCase()];
    const message = `Cannot understand LOOM_IN_PLACE="${word}": set it to 1 to work in the checkout itself, or to 0`;
    return kind === undefined ? err({ code: "CONFIG_INVALID", message }) : ok(kind);
  }
  for (const path of configPaths(place).filter((each) => existsSync(each))) {
    // The parser is loaded only where there is something to parse.
    const { readConfig } = await import("./read-config.ts");
    const config = readConfig(path);
    if (!config.ok) return config;
    const kind = config.value.runtime?.workspace;
    if (kind !== undefined) return ok(kind);
  }
  return ok("isolated");
}
