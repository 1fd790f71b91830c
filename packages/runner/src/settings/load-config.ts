import type { EventError, Result } from "@loom/core";
import type { Config } from "./read-config.ts";

/**
 * Reads a configuration file. The parser is loaded only then: most projects have nothing to parse.
 *
 * @param path - Absolute.
 * @returns `CONFIG_INVALID`, with the file, the place and what is allowed there.
 */
export async function loadConfig(path: string): Promise<Result<Config, EventError>> {
  const { readConfig } = await import("./read-config.ts");
  return readConfig(path);
}
