import { parseGitStatus, type GitChange } from "@loom/system";
import type { RawPath } from "../raw-path.ts";

/** A tracked path that differs from HEAD, from the index, or is in conflict. */
export interface ChangedPath extends GitChange {
  readonly path: RawPath;
}

/** The `git status` of a checkout, with paths as bytes. */
export interface CheckoutStatus {
  /** Absent before the first commit. */
  readonly headSha?: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  /** In git's order. */
  readonly changed: readonly ChangedPath[];
  /** Neither tracked nor ignored, in git's order. */
  readonly untracked: readonly RawPath[];
  /** Nested repositories that are not submodules. */
  readonly nested: readonly RawPath[];
}

/** Reads `git status --porcelain=v2 --branch -z`. */
export function parseStatus(output: Buffer): CheckoutStatus {
  const { branch, changed, untracked, nested, ...rest } = parseGitStatus(output.toString("latin1"));
  return {
    ...rest,
    ...(branch !== undefined && { branch: Buffer.from(branch, "latin1").toString("utf8") }),
    changed: changed.map((change) => ({ ...change, path: change.path as RawPath })),
    untracked: untracked as readonly RawPath[],
    nested: nested as readonly RawPath[],
  };
}
