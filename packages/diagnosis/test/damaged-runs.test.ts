import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatDocument, listRuns, openRun } from "@loom/artifacts";
import { arbitraryDamage, damageFile, graphOf, temporaryDirectory } from "@loom/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { changesSince } from "../src/changes/changes-since.ts";
import { explainRun } from "../src/explain/explain-run.ts";
import { EXPLANATION_BYTES } from "../src/explain/explanation.ts";
import { readLog } from "../src/log/read-log.ts";
import { explainJob } from "../src/time/explain-job.ts";
import { readTimeline } from "../src/time/read-timeline.ts";
import { timeReport } from "../src/time/time-report.ts";
import { explanationLines } from "../src/text/explanation-lines.ts";
import { timeLines } from "../src/text/time-lines.ts";
import { playOnDisk } from "./play-on-disk.ts";

const GRAPH = graphOf([
  { id: "build", stage: "build", retry: { max: 1, on: ["failure"] } },
  { id: "lint", stage: "build" },
  { id: "unit", needs: ["build"] },
]);

test("every reader of a damaged run answers with a value, and never throws", async () => {
  const root = temporaryDirectory();
  for (const ns of [1n, 2n]) {
    playOnDisk(root, {
      ns,
      graph: GRAPH,
      headSha: "0123456789abcdef",
      step: (job) => ({
        stdout: ["a.c:1:2: error: no"],
        ...(job === "build" && ns === 2n && { end: { kind: "exited", exitCode: 1 } }),
      }),
    });
  }
  const runtime = join(root, ".loom/.runtime");
  const files = readdirSync(runtime, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== ".gitignore")
    .map((entry) => join(entry.parentPath, entry.name).slice(runtime.length + 1))
    .sort();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...files), arbitraryDamage(GRAPH.nodes.map(({ id }) => id))), {
        minLength: 1,
        maxLength: 4,
      }),
      async (all) => {
        const copy = join(temporaryDirectory(), "repo/.loom/.runtime");
        cpSync(runtime, copy, { recursive: true });
        for (const [file, damage] of all) damageFile(join(copy, file), damage);
        await expect(readEverything(dirname(dirname(copy)))).resolves.toBeUndefined();
      },
    ),
    { numRuns: 35 },
  );
});

test.each([
  '"needs":["nope"]',
  '"needs":["lint","unit"]',
  '"needs":7',
  '"needs":["unit"]',
  '"when":"never"',
  '"variables":7',
  '"variables":[null,7,{}]',
  '"id":7',
  '"stage":"nowhere"',
  '"stage":{}',
])("a run with a graph that holds %s is read like any other", async (field) => {
  const root = temporaryDirectory();
  for (const ns of [1n, 2n, 3n]) playOnDisk(root, { ns, graph: GRAPH, concurrency: 1 });
  const runtime = join(root, ".loom/.runtime");
  for (const file of [
    "receipts/loom-run-local-2.json",
    "logs/loom-run-local-2/events.jsonl",
    "receipts/loom-run-local-3.json",
    "logs/loom-run-local-3/events.jsonl",
  ]) {
    const text = readFileSync(join(runtime, file), "utf8");
    writeFileSync(
      join(runtime, file),
      text
        .replace(/"id": ?"lint",/, (id) => `${id}${field},`)
        .replace(/(?<="id": ?"unit",[^}]*?)"needs": ?\[[^\]]*\]/, field),
    );
  }
  await expect(readEverything(root)).resolves.toBeUndefined();
});

async function readEverything(repoRoot: string): Promise<void> {
  const runs = await listRuns(repoRoot);
  if (!runs.ok) throw new Error(runs.error.message);
  for (const { directory } of runs.value) {
    const opened = await openRun(directory ?? "");
    if (!opened.ok) continue;
    const run = opened.value;
    const explanation = await explainRun(run);
    if (explanation.ok) {
      expect(Buffer.byteLength(formatDocument(explanation.value))).toBeLessThan(EXPLANATION_BYTES);
      explanationLines(explanation.value);
    }
    const timeline = await readTimeline(run);
    if (timeline.ok) {
      timeLines(timeReport(timeline.value));
      for (const { jobId } of timeline.value.jobs) explainJob(timeline.value, jobId);
    }
    for (const options of [{}, { job: "build" }, { tail: 2 }]) {
      const log = await readLog(run, options);
      if (log.ok) for await (const line of log.value) expect(typeof line.text).toBe("string");
    }
    await changesSince(run, "build", { runs: runs.value });
  }
}
