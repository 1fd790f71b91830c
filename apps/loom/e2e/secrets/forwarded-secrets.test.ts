import { createHash } from "node:crypto";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { HAS_NATS_SERVER, startNatsServer } from "../nats-server.ts";
import { makeProject, snapshots, type Project } from "../project.ts";

const VALUE = "the s3cr3t of the run";
const OF_WORKER = "the s3cr3t of the worker";

/** A project with an engine and a worker, which has a value of its own for the secret. */
async function farProject(forwards: boolean): Promise<{
  readonly project: Project;
  readonly env: Readonly<Record<string, string>>;
  /** A file for which the job waits. */
  readonly gate: string;
  /** What the server keeps. */
  readonly folder: string;
}> {
  const own = realpathSync(mkdtempSync(join(tmpdir(), "loom-forwarded-")));
  const gate = join(own, "gate");
  const { url, folder } = await startNatsServer();
  const project = makeProject({
    workflow: `version: v1
stages: [a]
j:
  stage: a
  runner_pool: far
  variables: {PLAIN: "what everybody may see"}
  secrets: {TOK: {ref: "env://TOK", file: false}}
  script:
    - printf %s "$TOK" | sha256sum
    - echo "It is $TOK."
    - until test -e ${gate}; do sleep 0.05; done
`,
  });
  writeFileSync(
    join(project.root, ".loom/config.yml"),
    `engine: {url: "${url}"${forwards ? ", forward_secrets: true" : ""}}\n`,
  );
  const { env } = snapshots();
  const machine = { ...env, XDG_CACHE_HOME: join(own, "machine"), TOK: OF_WORKER };
  const worker = project.start(["worker", "--name", "w", "--pool", "far"], machine);
  onTestFinished(async () => {
    worker.process.kill("SIGKILL");
    await worker.ended;
    rmSync(own, { recursive: true, force: true });
  });
  await worker.said("takes");
  return { project, env, gate, folder };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** All bytes of the files in a folder, as characters. */
function contentOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

describe.skipIf(!HAS_NATS_SERVER)("secrets of jobs on workers, with a NATS server (nats-server)", () => {
  test("with engine.forward_secrets are those of the run, hidden in its output, and not on the server", async () => {
    const { project, env, gate, folder } = await farProject(true);
    const run = project.start(["run", "--stream"], { ...env, TOK: VALUE });
    await run.said("It is");
    // The server writes soon after it has answered.
    await expect.poll(() => contentOf(folder), { timeout: 10_000 }).toContain('"kind":"secrets"');
    const kept = contentOf(folder);
    expect(kept).toContain("what everybody may see");
    expect(kept).not.toContain(VALUE);
    expect(kept).not.toContain(Buffer.from(VALUE).toString("base64").slice(0, 24));
    writeFileSync(gate, "");
    const { exitCode, stdout, stderr } = await run.ended;
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(digestOf(VALUE));
    expect(stdout).not.toContain(VALUE);
    expect(contentOf(project.lastRun().directory)).not.toContain(VALUE);
    expect(project.verdict()).toBe("valid");
  });

  test("that the run does not have are missing, even where the worker has some", async () => {
    const { project, env } = await farProject(true);
    const { exitCode, stdout } = project.loom(["run", "--stream"], env);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("Secret TOK is missing: The environment variable TOK is not set");
  });

  test("otherwise are those of the worker", async () => {
    const { project, env, gate } = await farProject(false);
    writeFileSync(gate, "");
    const { exitCode, stdout } = project.loom(["run", "--stream"], { ...env, TOK: VALUE });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(digestOf(OF_WORKER));
    expect(stdout).not.toContain(OF_WORKER);
  });
});
