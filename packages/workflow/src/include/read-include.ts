import type { Result } from "@loom/core";

/**
 * Returns the text of an included file, or why there is none.
 *
 * Called once per path, with a path that starts with `.loom/templates/` and has
 * no `..`. It resolves symlinks, and refuses what leads outside the repository.
 */
export type ReadInclude = (path: string) => Result<string, IncludeRefusal>;

/** Why an included file was not read. */
export type IncludeRefusal =
  | { readonly code: "not_found" }
  | { readonly code: "outside_repo" }
  /** `reason` ends a sentence: "it is a directory". */
  | { readonly code: "unreadable"; readonly reason: string };
