import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Environment } from "./inheritable-environment.ts";

/**
 * The user's folder for caches. Absolute.
 *
 * Source: XDG Base Directory Specification, by which a relative value does not count.
 */
export function cacheHome(env: Environment): string {
  return userFolder(env["XDG_CACHE_HOME"], ".cache");
}

/** The user's folder for configuration. Absolute. Source: as for `cacheHome`. */
export function configHome(env: Environment): string {
  return userFolder(env["XDG_CONFIG_HOME"], ".config");
}

function userFolder(given: string | undefined, usual: string): string {
  return given !== undefined && isAbsolute(given) ? given : join(homedir(), usual);
}
