import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** How Node starts a file of this package that is a program of its own. A bundled program has none, and says itself what to run. */
export function packageProgram(
  name: "after-death" | "after-worker-death",
): readonly [string, ...string[]] | undefined {
  const file = fileURLToPath(import.meta.url.replace(/[^/]*(\.\w+)$/u, `${name}$1`));
  return existsSync(file) ? [process.execPath, ...process.execArgv, file] : undefined;
}
