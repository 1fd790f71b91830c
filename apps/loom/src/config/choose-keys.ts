import { existsSync } from "node:fs";
import { err, ok, type EventError, type Result } from "@loom/core";
import type { KeyMap } from "@loom/cli";
import { configPaths, loadConfig } from "@loom/runner/settings";

/**
 * Which keys the live view has: those of the user's own configuration. What a
 * project says does not count: whoever clones it keeps the own keys.
 *
 * @returns Nothing where the user has set none; `CONFIG_INVALID` for what cannot be.
 */
export async function chooseKeys(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Result<KeyMap | undefined, EventError>> {
  const path = configPaths({ env, repoRoot: "" }).at(-1) ?? "";
  if (!existsSync(path)) return ok(undefined);
  const config = await loadConfig(path);
  if (!config.ok) return config;
  const keys = config.value.tui?.keys;
  if (keys === undefined) return ok(undefined);
  const { remapKeys } = await import("@loom/cli");
  const map = remapKeys(keys);
  if (map.ok) return map;
  const message = `Cannot use the configuration "${path}": tui.keys: ${map.error}`;
  return err({ code: "CONFIG_INVALID", message });
}
