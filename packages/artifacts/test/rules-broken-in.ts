import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { brokenRules } from "@loom/testkit";

/** The rules of the lifecycle contract that a run on disk breaks, its documents included. */
export function rulesBrokenIn(directory: string): readonly string[] {
  const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
  if (!report.ok) throw new Error(report.error.message);
  return brokenRules(report.value);
}
