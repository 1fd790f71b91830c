import { MAX_DURATION_MS, parseDuration } from "@loom/core";
import * as z from "zod/mini";
import { withEditorRule } from "./editor-rules.ts";

/** A duration above 0 that a timer can take. */
export function durationSchema(key: string): z.ZodMiniType {
  const message = `set ${key} to a duration above 0 such as 90s, 10m, 1h30m or a number of seconds`;
  const valid = (value: string | number): boolean => (parseDuration(value) ?? 0) > 0;
  const short = z.refine<string | number>((value) => (parseDuration(value) ?? 0) <= MAX_DURATION_MS, {
    error: `set ${key} to at most 596h`,
  });
  return z.union(
    [
      withEditorRule(
        z.string({ error: message }).check(z.refine(valid, { error: message, abort: true }), short),
        { pattern: "^(?=.*[1-9])(?:\\d{1,9}h)?(?:\\d{1,9}m)?(?:\\d{1,9}s)?(?:\\d{1,9}ms)?$" },
      ),
      withEditorRule(
        z.number({ error: message }).check(z.refine(valid, { error: message, abort: true }), short),
        { exclusiveMinimum: 0, maximum: MAX_DURATION_MS / 1000 },
      ),
    ],
    { error: message },
  );
}
