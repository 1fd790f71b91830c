import { join } from "node:path";
import { configHome, type Environment } from "@loom/system";

/** The files that may configure a run, the strongest first: that of the project, then that of the user. Absolute. */
export function configPaths({
  env,
  repoRoot,
}: {
  readonly env: Environment;
  readonly repoRoot: string;
}): readonly string[] {
  return [join(repoRoot, ".loom/config.yml"), join(configHome(env), "loom/config.yml")];
}
