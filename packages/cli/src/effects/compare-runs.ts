import { openRun } from "@loom/artifacts";
import { diffLines, diffRuns } from "@loom/diagnosis";
import { rowText } from "../log/log-rows.ts";
import type { EffectContext } from "./effect-context.ts";

/** What differs between two runs, as text to show. */
export interface ComparedRuns {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Compares two runs. @returns `undefined` if one cannot be read; then a message is shown. */
export async function compareRuns(
  context: EffectContext,
  runs: { readonly before: string; readonly after: string },
): Promise<ComparedRuns | undefined> {
  const [before, after] = [await openRun(runs.before), await openRun(runs.after)];
  if (!before.ok || !after.ok) {
    const refused = [before, after].find((opened) => !opened.ok);
    context.say(refused?.ok === false ? refused.error.message : undefined);
    return undefined;
  }
  const changes = await context.host?.changes?.(after.value);
  const diff = await diffRuns(before.value, after.value, changes?.git);
  if (!diff.ok) {
    context.say(diff.error.message);
    return undefined;
  }
  return { title: "what differs", lines: diffLines(diff.value).map((line) => rowText(line, false)) };
}
