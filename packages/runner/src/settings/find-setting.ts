import { existsSync } from "node:fs";
import { ok, type EventError, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import { configPaths } from "./config-paths.ts";
import { loadConfig } from "./load-config.ts";
import type { Config } from "./read-config.ts";

/** What the files of a project, and then of the user, may say. */
export interface ConfigPlace {
  readonly env: Environment;
  readonly repoRoot: string;
}

/** A setting in a file. */
export interface FoundSetting<T> {
  readonly value: T;
  /** Absolute path of the file. */
  readonly path: string;
}

/**
 * Finds a setting in the first file that has it: the project's, then the user's.
 *
 * @returns `undefined` when none has it; `CONFIG_INVALID` for a file that cannot be understood.
 */
export async function findSetting<T>(
  place: ConfigPlace,
  pick: (config: Config) => T | undefined,
): Promise<Result<FoundSetting<T> | undefined, EventError>> {
  for (const path of configPaths(place).filter((each) => existsSync(each))) {
    const config = await loadConfig(path);
    if (!config.ok) return config;
    const value = pick(config.value);
    if (value !== undefined) return ok({ value, path });
  }
  return ok(undefined);
}
