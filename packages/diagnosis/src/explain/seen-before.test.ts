import { listRuns, openRun } from "@loom/artifacts";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { playOnDisk } from "../../test/play-on-disk.ts";
import { explanationLines } from "../text/explanation-lines.ts";
import { explainRun } from "./explain-run.ts";
import type { Explanation } from "./explanation.ts";

/** Explains the last of several runs of one job, of which each prints these lines and fails; none: it succeeds. */
async function explainLast(runs: readonly (readonly string[])[]): Promise<Explanation> {
  const root = temporaryDirectory();
  const played = runs.map((stdout, index) =>
    playOnDisk(root, {
      graph: graphOf([{ id: "unit" }]),
      ns: BigInt(index + 1),
      step: () => ({ stdout, end: { kind: "exited", exitCode: stdout.length === 0 ? 0 : 1 } }),
    }),
  );
  const [run, listed] = await Promise.all([openRun(played.at(-1)?.directory ?? ""), listRuns(root)]);
  if (!run.ok || !listed.ok) throw new Error("There is no run");
  const explained = await explainRun(run.value, { changes: { runs: listed.value } });
  if (!explained.ok) throw new Error(explained.error.message);
  return explained.value;
}

function lineOf(explanation: Explanation): string | undefined {
  return explanationLines(explanation).find((line) => line.startsWith("seen before:"));
}

const TYPE_ERROR = ["src/a.ts(3,5): error TS2304: Cannot find name 'foo'."];

describe("explainRun() with earlier runs", () => {
  test("finds the same error, whatever its line and whatever was printed around it", async () => {
    const moved = ["checking", "src/a.ts(9,5): error TS2304: Cannot find name 'foo'.", "took 17 s"];
    const explanation = await explainLast([TYPE_ERROR, [], moved, TYPE_ERROR]);
    expect(explanation.seen_before).toEqual({
      runs: [
        { run_id: "loom-run-local-3", started_at: "2026-01-01T00:00:00.000Z" },
        { run_id: "loom-run-local-1", started_at: "2026-01-01T00:00:00.000Z" },
      ],
      compared: 2,
    });
    expect(lineOf(explanation)).toBe(
      "seen before: in loom-run-local-3 (2026-01-01); 2 of the 2 failures before it",
    );
  });

  test("says that a failure is another one than those before it", async () => {
    const other = ["src/b.ts(3,5): error TS2304: Cannot find name 'foo'."];
    const explanation = await explainLast([other, ["Killed"], TYPE_ERROR]);
    expect(explanation.seen_before).toEqual({ runs: [], compared: 2 });
    expect(lineOf(explanation)).toBe("seen before: no, the 2 failures before it were others");
  });

  test("compares failures without a known error by their last line, without its numbers", async () => {
    const explanation = await explainLast([["no answer after 31 ms"], ["no answer after 4 ms"]]);
    expect(explanation.seen_before).toMatchObject({ runs: [{ run_id: "loom-run-local-1" }], compared: 1 });
    const different = await explainLast([["no answer after 31 ms"], ["refused after 4 ms"]]);
    expect(different.seen_before).toEqual({ runs: [], compared: 1 });
    expect(lineOf(different)).toBe("seen before: no, the failure before it was another");
  });

  test("says nothing of a job that failed for the first time", async () => {
    const explanation = await explainLast([[], [], TYPE_ERROR]);
    expect(explanation).not.toHaveProperty("seen_before");
    expect(lineOf(explanation)).toBeUndefined();
  });
});
