/** What became of a check, the best first. Only a failure keeps Loom from doing what it is asked to. */
export const CHECK_STATES = ["ok", "note", "warning", "failure"] as const;

/** See {@link CHECK_STATES}. */
export type CheckState = (typeof CHECK_STATES)[number];

/** What a check found. */
export type DoctorFinding = {
  /** What it is about, of several that one check looks at. */
  readonly subject?: string;
  /** One sentence, without its full stop. */
  readonly found: string;
} & (
  | { readonly state: "ok" }
  /** `advice` is what to do. */
  | { readonly state: Exclude<CheckState, "ok">; readonly advice: string }
);

/**
 * Parts a message of the form "What is wrong. What to do".
 *
 * @param advice - What to do where the message does not say. Default: what fits anything.
 */
export function partsOf(
  message: string,
  advice = "See what the message says, then run loom doctor again",
): { readonly found: string; readonly advice: string } {
  const [paragraph = ""] = message.split("\n");
  const end = paragraph.lastIndexOf(". ");
  if (end < 0) return { found: paragraph.replace(/\.$/u, ""), advice };
  return { found: paragraph.slice(0, end), advice: paragraph.slice(end + 2).replace(/\.$/u, "") };
}
