import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The files that may configure a run, the strongest first: that of the project, then that of the user. Absolute. */
export function configPaths({
  env,
  repoRoot,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly repoRoot: string;
}): readonly string[] {
  const { XDG_CONFIG_HOME: xdg } = env;
  const home = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), ".config");
  return [join(repoRoot, ".loom/config.yml"), join(home, "loom/config.yml")];
}
