import { join } from "node:path";

/**
 * Where the files of secrets go when no file system in memory can be written to. Absolute.
 *
 * @param cacheHome - The user's folder for caches.
 */
export function secretsFolder(cacheHome: string): string {
  return join(cacheHome, "loom/secrets");
}
