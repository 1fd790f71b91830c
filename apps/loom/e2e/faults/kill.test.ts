import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { describe, expect, test } from "vitest";
import { makeProject, processesOf, type Project, type Running } from "../project.ts";

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

const STUBBORN = `version: v1
stages: [work]
quick:
  stage: work
  script: ["sleep 300"]
stubborn:
  stage: work
  script: ["trap '' INT TERM; echo not me; sleep 300"]
`;

/** How to wait for what the disk tells: often, and long on a slow machine. */
const WAIT = { interval: 1, timeout: 30_000 };

/** The text of a stream of a run; empty where there is none yet. */
function streamOf(directory: string, path: string): string {
  const file = join(directory, path);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

const LINES = "jobs/lines/user/execution/script/01/events.jsonl";
const PIPELINE = "pipeline/events.jsonl";

/** A moment of a run that the disk tells of. */
interface Moment {
  readonly when: string;
  readonly isThere: (directory: string) => boolean;
  /** Whether processes of jobs run by then. */
  readonly hasProcesses?: true;
}

const FIRST_LINE: Moment = {
  when: "a step has printed its first line",
  isThere: (run) => streamOf(run, LINES).includes('"output"'),
  hasProcesses: true,
};

/** When loom is killed: in set-up, output and retries. */
const MOMENTS: readonly Moment[] = [
  { when: "its directory is there", isThere: () => true },
  { when: "its first record is there", isThere: (run) => streamOf(run, "events.jsonl").includes("\n") },
  {
    when: "the workflow is compiled",
    isThere: (run) => streamOf(run, "events.jsonl").includes('"graph_ir"'),
  },
  {
    when: "the pipeline has begun",
    isThere: (run) => streamOf(run, PIPELINE).includes('"pipeline.execute"'),
  },
  { when: "a job runs", isThere: (run) => streamOf(run, PIPELINE).includes('"to":"running"') },
  {
    when: "a job is set up",
    isThere: (run) => streamOf(run, "jobs/lines/events.jsonl").includes('"phase_finish"'),
  },
  { when: "a step has begun", isThere: (run) => streamOf(run, LINES).includes('"phase_start"') },
  FIRST_LINE,
  {
    when: "a step is in the middle of its output",
    isThere: (run) => streamOf(run, LINES).includes('"line 50000"'),
    hasProcesses: true,
  },
  {
    when: "a step has printed all it has",
    isThere: (run) => streamOf(run, LINES).includes('"line 99999"'),
    hasProcesses: true,
  },
  {
    when: "a job is in its second attempt",
    isThere: (run) => existsSync(join(run, "jobs/retried/user/execution/attempts/1")),
    hasProcesses: true,
  },
  {
    when: "a job has failed",
    isThere: (run) => streamOf(run, PIPELINE).includes('"to":"failed"'),
    hasProcesses: true,
  },
];

interface Started {
  readonly run: Running;
  readonly runId: string;
}

/** Starts a run; its id, as soon as it has one. */
async function started(project: Project): Promise<Started> {
  const run = project.start(["run", "-j", "4", "--stream"]);
  const logs = join(project.root, ".loom/.runtime/logs");
  const runIds = (): string[] => (existsSync(logs) ? readdirSync(logs) : []);
  await expect.poll(runIds, WAIT).toHaveLength(1);
  return { run, runId: runIds().join() };
}

/** Waits for a moment of the run, and kills loom then. */
async function killAt(moment: Moment, project: Project, { run, runId }: Started): Promise<void> {
  const directory = join(project.root, ".loom/.runtime/logs", runId);
  await expect.poll(() => moment.isThere(directory), WAIT).toBe(true);
  if (moment.hasProcesses === true && process.platform === "linux") {
    expect(processesOf(runId), "processes of jobs").not.toEqual([]);
  }
  run.process.kill("SIGKILL");
  await run.ended;
  expect(run.process.signalCode, "what loom died of").toBe("SIGKILL");
  expect(existsSync(join(directory, "summary.json")), "whether the run was over").toBe(false);
}

/** Starts a run and kills loom at a moment of it; the id of the run. */
async function killed(project: Project, moment: Moment): Promise<string> {
  const starts = await started(project);
  await killAt(moment, project, starts);
  return starts.runId;
}

/** Holds a run whose loom is dead to what it promises. */
async function expectClosable(project: Project, runId: string): Promise<void> {
  // The watch over the run has two seconds.
  await expect.poll(() => processesOf(runId), { interval: 50, timeout: 2_000 }).toEqual([]);
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
  test.each(MOMENTS)("when $when, leaves no process, and evidence that recover closes", async (moment) => {
    const project = makeProject({ workflow: WORKFLOW });
    await expectClosable(project, await killed(project, moment));
  });

  test("while it waits for a job that ignores its end, leaves no process, and evidence that recover closes", async () => {
    const project = makeProject({ workflow: STUBBORN });
    const starts = await started(project);
    await starts.run.said("not me");
    starts.run.process.kill("SIGINT");
    const when = "the other job is cancelled";
    const isThere = (run: string): boolean => streamOf(run, PIPELINE).includes('"to":"cancelled"');
    await killAt({ when, isThere, hasProcesses: true }, project, starts);
    await expectClosable(project, starts.runId);
  });

  test("is noticed by the next run, which closes what it left", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const runId = await killed(project, FIRST_LINE);
    const next = project.loom(["run", "--job", "after", "--var", "NEXT=1"]);
    expect(next.stderr).toContain(`run ${runId} was interrupted; its evidence is closed now`);
    const listed = JSON.parse(project.loom(["runs", "--json"]).stdout) as {
      readonly runs: readonly { readonly run_id: string; readonly status: string }[];
    };
    expect(listed.runs.find((run) => run.run_id === runId)?.status).toBe("interrupted");
  });
});
