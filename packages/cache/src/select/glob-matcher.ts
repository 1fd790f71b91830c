import picomatch from "picomatch";
import { GLOB_OPTIONS } from "./glob-options.ts";

/**
 * Says of a path whether one of some paths and globs matches it, or a folder that it is in: as caches and artifacts are
 * selected, without looking at a disk. Paths are relative, with `/`.
 */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const trimmed = globs.map((glob) => glob.replace(/^(?:\.\/)+/u, "").replace(/(?<=.)\/+$/u, ""));
  return picomatch(
    trimmed.flatMap((glob) => [glob, `${glob}/**`]),
    GLOB_OPTIONS,
  );
}
