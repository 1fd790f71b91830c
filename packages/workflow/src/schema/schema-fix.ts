import { foreignKeyFix } from "./foreign-keys.ts";
import { NOT_IN_DEFAULT } from "./name-patterns.ts";
import { nearestName } from "./nearest-name.ts";
import { quoteName } from "./quote-name.ts";

/** The part of a zod issue that a message is made of. */
export interface RawIssue {
  readonly code?: string | undefined;
  readonly input?: unknown;
  readonly keys?: readonly string[] | undefined;
}

/** Says one thing for a value that is missing and another for a wrong one. */
export function fix(missing: string, wrong: string): (issue: RawIssue) => string {
  return (issue) => (issue.input === undefined ? missing : wrong);
}

/** The message of a value that has to be text: numbers and booleans only lack their quotes. */
export function textFix(missing: string, wrong: string): (issue: RawIssue) => string {
  return ({ input }) => {
    if (input === undefined) return missing;
    if (typeof input === "number" || typeof input === "boolean") return "put this value in quotes";
    return wrong;
  };
}

/**
 * The messages of a mapping with a fixed set of keys. For unknown keys one line
 * each, in the order of the keys.
 *
 * @param whose - What the keys belong to, as in "unknown cache key".
 */
export function mappingFix(
  whose: string,
  allowed: readonly string[],
  { missing, wrong }: { readonly missing: string; readonly wrong: string },
): (issue: RawIssue) => string {
  return (issue) => {
    if (issue.code !== "unrecognized_keys") return issue.input === undefined ? missing : wrong;
    return (issue.keys ?? []).map((key) => unknownKeyFix(whose, allowed, key)).join("\n");
  };
}

const JOB_ONLY: ReadonlySet<string> = new Set(NOT_IN_DEFAULT);

/** What to do about a key that a mapping does not know. */
export function unknownKeyFix(whose: string, allowed: readonly string[], key: string): string {
  const list = `allowed keys are ${allowed.join(", ")}`;
  // The published wording of v1, kept to the letter.
  if (whose === "cache") return `remove unknown cache key; ${list}`;
  if (whose === "default" && JOB_ONLY.has(key)) return `move ${key} from default to the jobs`;
  const foreign = foreignKeyFix(whose, key, allowed);
  if (foreign !== undefined) return foreign;
  const near = nearestName(key, allowed);
  if (near !== undefined) return `rename unknown ${whose} key ${quoteName(key)} to ${near}`;
  return `remove unknown ${whose} key ${quoteName(key)}; ${list}`;
}
