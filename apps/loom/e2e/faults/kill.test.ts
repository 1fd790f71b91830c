import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { describe, expect, test } from "vitest";
import { makeProject, processesOf, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [work, later]
lines:
  stage: work
  script:
    - i=0; while [ $i -lt 100000 ]; do echo line $i; i=$((i+1)); done
    - sleep 300
daemon:
  stage: work
  script: ["(setsid sleep 300 &); sleep 300"]
retried:
  stage: work
  retry: 2
  script: ["sleep 0.05; exit 3"]
after:
  stage: later
  script: ["true"]
`;

/** How many times loom is killed, at how many milliseconds after its start: spread over set-up, output and retries. */
const MOMENTS = Array.from(
  { length: Number(process.env["LOOM_KILLS"] ?? 12) },
  (_, index) => 60 + ((index * 83) % 700),
);

async function killed(project: Project, afterMs: number): Promise<string> {
  const run = project.start(["run", "-j", "4"]);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  run.process.kill("SIGKILL");
  await run.ended;
  const logs = join(project.root, ".loom/.runtime/logs");
  return existsSync(logs) ? (readdirSync(logs).at(-1) ?? "") : "";
}

/** Waits for the watch over the run, at most the two seconds that it has. */
async function leftAfterTwoSeconds(runId: string): Promise<readonly string[]> {
  for (let look = 0; look < 40 && processesOf(runId).length > 0; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return processesOf(runId);
}

function linesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("events.jsonl"))
    .flatMap((path) => {
      const text = readFileSync(join(directory, path), "utf8");
      return text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
    });
}

describe("loom, killed", () => {
  test.each(MOMENTS)("after %i ms, leaves no process, and evidence that recover closes", async (afterMs) => {
    const project = makeProject({ workflow: WORKFLOW });
    const runId = await killed(project, afterMs);
    if (runId === "") return;
    expect(await leftAfterTwoSeconds(runId)).toEqual([]);
    const directory = join(project.root, ".loom/.runtime/logs", runId);
    const before = linesOf(directory);
    const recovered = project.loom(["recover", runId]);
    expect(recovered).toMatchObject({ exitCode: 0, stderr: "" });
    const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
    expect(report.ok && [report.value.status, report.value.violations]).toEqual(["valid", []]);
    const { receipt } = project.lastRun();
    expect(receipt).toMatchObject({ run_id: runId, status: "failure", exit_code: 1 });
    const after = new Set(linesOf(directory));
    expect(before.filter((line) => !after.has(line))).toEqual([]);
    expect(project.loom(["recover", runId]).stdout).toMatch(/^closed already/u);
    expect(readdirSync(join(project.root, ".loom/.runtime/active"))).toEqual([]);
  });

  test("is noticed by the next run, which closes what it left", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const runId = await killed(project, 400);
    const next = project.loom(["run", "--job", "after", "--var", "NEXT=1"]);
    expect(next.stderr).toContain(`run ${runId} was interrupted; its evidence is closed now`);
    const listed = JSON.parse(project.loom(["runs", "--json"]).stdout) as {
      readonly runs: readonly { readonly run_id: string; readonly status: string }[];
    };
    expect(listed.runs.find((run) => run.run_id === runId)?.status).toBe("interrupted");
  });
});
