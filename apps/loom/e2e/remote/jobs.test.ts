import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_NATS_SERVER, openNatsServer, type OpenNatsServer } from "../nats-server.ts";
import { processesOf } from "../project.ts";
import { makeFarProject, peakMemory, type FarProject } from "./far-project.ts";

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What a worker may need more while a job prints 20 MB. Bytes. It is as much as waits for the run, and rubbish. */
const MOST_HELD = 80e6;

/** Everything that a run left, as one text each, by paths. */
function evidenceOf({ root }: FarProject): ReadonlyMap<string, string> {
  const folder = join(root, ".loom/.runtime");
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(folder, path), "latin1")]));
}

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  let server: OpenNatsServer | undefined;
  beforeAll(async () => {
    server = await openNatsServer();
  });
  afterAll(async () => await server?.stop());

  const farProject = (workflow: string): FarProject =>
    makeFarProject(`version: v1\nstages: [a, b]\n${workflow}`, { url: server?.url ?? "" });

  test("jobs go to a worker, and what they make comes to jobs there and here", async () => {
    const project = farProject(`
build:
  stage: a
  runner_pool: POOL
  variables: {COLOUR: dark red, PLACE: "$LOOM_PROJECT_DIR/out"}
  script:
    - test "$PWD" = "$LOOM_PROJECT_DIR"; mkdir "$PLACE"; printf %s "$COLOUR" > out/colour
    - echo VERSION=1.2.3 > build.env; echo "in $PWD"
  artifacts:
    paths: [out/]
    reports: {dotenv: build.env}
far:
  stage: b
  runner_pool: POOL
  script: ['echo "far $(cat out/colour) $VERSION"']
near:
  stage: b
  script: ['echo "near $(cat out/colour) $VERSION"']
shaky:
  stage: b
  runner_pool: POOL
  allow_failure: true
  script: [exit 3]
`);
    const worker = await project.worker("w1", { args: ["--slots", "3", "--label", "disk=fast"] });
    const listed = JSON.parse(project.loom(["workers", "--json"]).stdout) as { workers: unknown[] };
    expect(listed).toMatchObject({ schema_version: "v1", kind: "loom-workers" });
    expect(listed.workers).toMatchObject([
      { slots: 3, labels: { disk: "fast" }, leaving: false, running: [] },
    ]);
    const { exitCode, stdout, stderr } = await project.run().ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/build *│ in .*\/loom\/worker\/p[\d-]+-w1-\w+\/jobs\//u);
    expect(stdout).toMatch(/far *│ far dark red 1\.2\.3\n/u);
    expect(stdout).toMatch(/near *│ near dark red 1\.2\.3\n/u);
    const { pipelineManifest } = project.lastRun();
    expect(pipelineManifest.jobs.map(({ job_id: id, status }) => [id, status])).toEqual([
      ["build", "success"],
      ["far", "success"],
      ["near", "success"],
      ["shaky", "failed"],
    ]);
    expect(project.loom(["verify", "last"])).toMatchObject({ exitCode: 0, stderr: "" });
    worker.process.kill("SIGTERM");
    expect((await worker.ended).exitCode).toBe(0);
    expect(project.workerFolders()).toEqual([]);
    expect(project.loom(["workers", "--json"]).stdout).toContain('"workers": []');
  });

  test("a worker that has no place for jobs says so", () => {
    const project = farProject("j: {stage: a, script: [exit]}\n");
    const file = join(project.root, "file");
    writeFileSync(file, "");
    expect(project.loom(["worker"], { XDG_CACHE_HOME: file })).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: expect.stringMatching(/^loom: Cannot make a folder for the worker: .*\n$/u) as string,
    });
  });

  test("the step that failed on a worker is named, and one that takes too long is ended there", async () => {
    const project = farProject(`
broken:
  stage: a
  runner_pool: POOL
  script: ["true", "echo no such part >&2; exit 7"]
slow:
  stage: a
  runner_pool: POOL
  timeout: 1s
  script: [sleep 300]
`);
    await project.worker("w1", { args: ["--slots", "2"] });
    const run = await project.run().ended;
    expect(run.exitCode).toBe(1);
    const { jobManifest, receipt } = project.lastRun();
    expect(jobManifest("broken")).toMatchObject({ status: "failed", failing_step: 2 });
    expect(jobManifest("slow")).toMatchObject({ status: "failed" });
    expect(processesOf(receipt.run_id)).toEqual([]);
    expect(project.verdict()).toBe("valid");
    const { stdout } = project.loom(["explain"]);
    expect(stdout).toContain(
      'Job "broken" failed in step 2 of 2 (echo no such part >&2; exit 7): it exited with code 7\n\noutput:\n  no such part\n',
    );
    expect(stdout).toContain("slow › 01 sleep 300 (over the limit of the job, 1.0 s)");
  });

  test("secrets are those of the worker, and leave it hidden", async () => {
    const project = farProject(`
j:
  stage: a
  runner_pool: POOL
  secrets:
    TOKEN: {ref: "env://MY_TOKEN", file: false}
    KEY: {ref: "env://MY_KEY"}
  script:
    - 'echo "with $TOKEN, of \${#TOKEN}"; cat "$KEY"; echo'
    - exit 4
`);
    const env = { MY_TOKEN: "s3cr3t/token+value", MY_KEY: "a key that nobody may see" };
    await project.worker("w1", { env });
    const { exitCode, stdout, stderr } = await project.run().ended;
    expect(exitCode).toBe(1);
    expect(stdout).toContain("j│ with [REDACTED:SECRET_TOKEN], of 18\nj│ [REDACTED:SECRET_KEY]\n");
    const said = [stdout, stderr, ...evidenceOf(project).values()].join("\n");
    for (const value of Object.values(env)) expect(said).not.toContain(value);
    expect(project.verdict()).toBe("valid");
  });

  test("much output arrives as it was printed, and its worker does not hold it in memory", async () => {
    const flood = 'seq 1 5000 | while read -r n; do printf "%s %s\\n" "$n" "$PAD"; done';
    const project = farProject(`
j:
  stage: a
  runner_pool: POOL
  variables: {PAD: ${"pad ".repeat(1000)}end}
  script: ['${flood}']
`);
    const worker = await project.worker("w1");
    const before = process.platform === "linux" ? peakMemory(worker.pid) : 0;
    const { exitCode } = await project.start(["run"]).ended;
    expect(exitCode).toBe(0);
    const pad = `${"pad ".repeat(1000)}end`;
    const expected = Array.from({ length: 5000 }, (_, index) => `${index + 1} ${pad}\n`).join("");
    const { receipt } = project.lastRun();
    const { stdout } = project.loom(["logs", receipt.run_id, "j"]);
    expect(hash(stdout.replace(/^\$ .*\n/u, ""))).toBe(hash(expected));
    if (process.platform === "linux") expect(peakMemory(worker.pid) - before).toBeLessThan(MOST_HELD);
    expect(project.verdict()).toBe("valid");
  });
});
