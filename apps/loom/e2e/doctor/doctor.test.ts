import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pty from "@lydell/node-pty";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject, snapshots, type Project } from "../project.ts";

const PLAIN = 'version: v1\nstages: [a]\nj: {stage: a, script: ["true"]}\n';
const ISOLATED = { LOOM_IN_PLACE: "" };
/** Where no engine listens. */
const DEAD_ENGINE = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
/** Databases that KeePassXC wrote. */
const DATABASES = fileURLToPath(
  new URL("../../../../packages/secrets/test/fixtures/keepass/", import.meta.url),
);

interface Check {
  readonly name: string;
  readonly subject?: string;
  readonly state: "ok" | "note" | "warning" | "failure";
  readonly found: string;
  readonly advice?: string;
}

interface Examined {
  readonly exitCode: number | null;
  readonly works: boolean;
  /** A check by its name, or by name and subject. */
  readonly of: (title: string) => Check;
}

/** What `loom doctor --json` says, which its schema allows. */
function examine(project: Project, env: Readonly<Record<string, string>> = {}): Examined {
  const { exitCode, stdout, stderr } = project.loom(["doctor", "--json"], env);
  expect(stderr).toBe("");
  const said = JSON.parse(stdout) as { readonly works: boolean; readonly checks: readonly Check[] };
  const validate = new Ajv2020().compile(JSON.parse(project.loom(["schema", "doctor"]).stdout) as object);
  validate(said);
  expect(validate.errors ?? []).toEqual([]);
  for (const { state, found, advice } of said.checks) {
    expect([found, advice !== undefined]).toEqual([found, state !== "ok"]);
    expect(`${found}${advice}`).not.toMatch(/\.$|\n|undefined at/u);
  }
  const of = (title: string): Check => {
    const check = said.checks.find(({ name, subject }) => [name, subject].join(" ").trim() === title);
    if (check === undefined) throw new Error(`There is no check ${title}: ${stdout}`);
    return check;
  };
  return { exitCode, works: said.works, of };
}

function git(project: Project, ...args: readonly string[]): void {
  const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
  execFileSync("git", [...identity, ...args], { cwd: project.root });
}

function repository(workflow = PLAIN): Project {
  const project = makeProject({ workflow });
  git(project, "init", "-q");
  git(project, "add", "-A");
  git(project, "commit", "-qm", "A change");
  return project;
}

/** A folder for `PATH` with these programs in it, and no others. */
function pathWith(project: Project, programs: Readonly<Record<string, string>>): string {
  const bin = join(project.root, "bin");
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

describe("loom doctor", () => {
  test("says that all is well with a healthy project, and leaves nothing behind", () => {
    const project = repository();
    const { env, cache } = snapshots();
    const { exitCode, works, of } = examine(project, env);
    expect([exitCode, works]).toEqual([0, true]);
    for (const title of ["loom", "shell", "git", "repository", "config", "secret"])
      expect(of(title)).toMatchObject({ state: "ok" });
    expect(of("workflow").found).toBe(".loom/workflow.yml is valid and has 1 job");
    for (const subject of ["evidence", "caches", "snapshots"])
      expect(of(`folder ${subject}`)).toMatchObject({ state: "ok" });
    const left = [project.root, cache].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.includes("doctor")),
    );
    expect(left).toEqual([]);
  });

  test("prints a line for each check, what to do below, and how it stands at the end", () => {
    const project = repository(`${PLAIN}k: {stage: a, secrets: {T: {ref: "env://TOK"}}, script: ["true"]}\n`);
    const well = project.loom(["doctor"], { TOK: "s3cr3t value" });
    expect(well).toMatchObject({ exitCode: 0, stderr: "" });
    expect(well.stdout).toMatch(/^✓ loom {2,}Loom \S+ runs on Node /u);
    expect(well.stdout).toMatch(/\n\nLoom works here(?:, with \d+ warnings?)?\n$/u);
    const ill = project.loom(["doctor"]);
    expect(ill).toMatchObject({ exitCode: 1, stderr: "" });
    expect(ill.stdout).toMatch(/^✗ secret T {2,}.*TOK is not set.*\n {2,}Set TOK, or/mu);
    expect(ill.stdout).toMatch(/\n\n1 of \d+ checks failed/u);
    expect(project.loom(["doctor"], { LC_ALL: "C" }).stdout).toMatch(/^x secret T /mu);
    expect(project.loom(["doctor", "--color", "always"]).stdout).toContain("\u001B[32m✓\u001B[0m loom");
  });

  test("where there is no workflow, warns; one that was named has to be there", () => {
    const project = makeProject({ folder: fileURLToPath(new URL(".", import.meta.url)) });
    const { exitCode, of } = examine(project);
    expect(exitCode).toBe(0);
    expect(of("workflow")).toMatchObject({
      state: "warning",
      advice: expect.stringContaining("loom init") as string,
    });
    expect(of("repository")).toMatchObject({ state: "note" });
    expect(readdirSync(project.root)).toEqual(readdirSync(import.meta.dirname));
    const named = project.loom(["doctor", "--workflow", "ci.yml"]);
    expect(named.exitCode).toBe(1);
    expect(named.stdout).toMatch(/✗ workflow {2,}Cannot read workflow "ci.yml": there is no such file/u);
  });

  test("a workflow that does not compile is a failure with its first error", () => {
    const project = repository(`${PLAIN}k: {stage: b, script: ["true"]}\n`);
    const { exitCode, of } = examine(project, DEAD_ENGINE);
    expect(exitCode).toBe(1);
    expect(of("workflow").found).toMatch(
      /^\.loom\/workflow\.yml is not valid: 1 error, the first at .*:4: /u,
    );
    expect(of("workflow").advice).toContain("loom check");
    expect(of("secret")).toMatchObject({ state: "note" });
    expect(of("engine")).toMatchObject({ state: "note" });
  });

  test("a workflow with warnings is one", () => {
    const { exitCode, of } = examine(repository(`${PLAIN}k: {stage: a, script: [cd b, make]}\n`));
    expect([exitCode, of("workflow").state]).toEqual([0, "warning"]);
    expect(of("workflow").found).toBe(".loom/workflow.yml is valid and has 2 jobs, with 1 warning");
  });

  test("no git is a failure in a repository, a warning in place, and a note elsewhere", () => {
    const project = repository();
    const env = { PATH: pathWith(project, { sh: 'exec /bin/sh "$@"' }) };
    const isolated = examine(project, { ...env, ...ISOLATED });
    expect(isolated.exitCode).toBe(1);
    expect(isolated.of("git")).toMatchObject({ state: "failure", found: "There is no git on PATH" });
    expect(isolated.of("repository")).toMatchObject({ state: "note" });
    const inPlace = examine(project, env);
    expect([inPlace.exitCode, inPlace.of("git").state]).toEqual([0, "warning"]);
    const plain = makeProject({ workflow: PLAIN });
    expect(examine(plain, { ...env, ...ISOLATED }).of("git")).toMatchObject({ state: "note" });
  });

  test("a git that is too old, fails or hangs is a failure that says so", () => {
    const old = repository();
    const sh = 'exec /bin/sh "$@"';
    const answer = (project: Project, script: string): Check =>
      examine(project, { ...ISOLATED, PATH: pathWith(project, { sh, git: script }) }).of("git");
    expect(answer(old, "echo git version 2.9.1").found).toBe("git is 2.9.1, older than 2.31");
    expect(answer(repository(), "echo broken >&2; exit 3").found).toBe("git does not work: broken");
    expect(answer(repository(), "exec /bin/sleep 60").found).toMatch(/git took longer than/u);
  });

  test.skipIf(process.getuid?.() !== 0)("a repository of somebody else is a failure (needs root)", () => {
    const project = repository();
    for (const path of [project.root, join(project.root, ".git")]) chownSync(path, 12_345, 12_345);
    const { exitCode, of } = examine(project, ISOLATED);
    expect(exitCode).toBe(1);
    expect(of("repository").found).toContain("belongs to another user");
    expect(of("repository").advice).toContain(`safe.directory '${project.root}'`);
  });

  test("no shell on PATH is a failure, and so is one that does not work", () => {
    const project = repository();
    const none = examine(project, { PATH: "" });
    expect(none.exitCode).toBe(1);
    expect(none.of("shell")).toMatchObject({
      state: "failure",
      found: "There is no executable sh on PATH ()",
    });
    const broken = examine(project, { PATH: pathWith(project, { sh: "exit 7" }) });
    expect(broken.of("shell").found).toMatch(/\/bin\/sh -ec true does not work: it ended with code 7$/u);
  });

  test("an engine that does not answer is a note, and a failure where a job has an image", () => {
    const without = examine(repository(), DEAD_ENGINE);
    expect(without.exitCode).toBe(0);
    expect(without.of("engine")).toMatchObject({ state: "note" });
    const project = repository(`${PLAIN}k: {stage: a, image: busybox, script: ["true"]}\n`);
    const { exitCode, of } = examine(project, DEAD_ENGINE);
    expect(exitCode).toBe(1);
    expect(of("engine").found).toContain("unix:///nowhere/docker.sock (DOCKER_HOST)");
    expect(of("engine").found).toContain("job k has an image");
    expect(of("engine").advice).toContain("Start Docker or Podman");
  });

  const engine = process.env["LOOM_TEST_DOCKER_HOST"];
  test.skipIf(engine === undefined)("an engine that answers is named (LOOM_TEST_DOCKER_HOST)", () => {
    expect(examine(repository(), { DOCKER_HOST: engine ?? "" }).of("engine")).toMatchObject({
      state: "ok",
      found: expect.stringMatching(/^\S+.* \d+\.\d+\S* answers at .* \(DOCKER_HOST\)$/u) as string,
    });
  });

  test("secrets are looked for, and no value is printed", () => {
    const secrets = `{A: {ref: "env://A_TOKEN"}, B: {ref: "env://B_TOKEN"}, C: {ref: "env://C_TOKEN", required: false},
      D: {ref: "keepass://team#CI/npm/publish:Password"}, E: {ref: "keepass://team#CI/npm/publish:None"},
      F: {ref: "keepass://other#a:Password"}, G: {ref: "op://ci/npm/token"}, H: {ref: "env://H_TOKEN"}, I: {ref: "vault://a/b"}}`;
    const project = repository(
      `${PLAIN}k: {stage: a, secrets: ${secrets}, script: ["true"]}\nl: {stage: a, secrets: {A: {ref: "env://A_TOKEN"}}, script: ["true"]}\n`,
    );
    const env = {
      A_TOKEN: "s3cr3t/of/a",
      H_TOKEN: "abc",
      LOOM_KEEPASS_DB_TEAM_PATH: join(DATABASES, "kdbx4-key-file.kdbx"),
      LOOM_KEEPASS_DB_TEAM_PASSWORD_ENV: "KP_PASSWORD",
      LOOM_KEEPASS_DB_TEAM_KEYFILE_ENV: "KP_KEY_FILE",
      KP_PASSWORD: "fixture password",
      KP_KEY_FILE: join(DATABASES, "fixture.keyx"),
    };
    const { exitCode, of } = examine(project, env);
    expect(exitCode).toBe(1);
    expect(of("secret A")).toMatchObject({
      state: "ok",
      found: "env://A_TOKEN for job k and 1 more: it is there",
    });
    expect(of("secret B")).toMatchObject({
      state: "failure",
      advice: expect.stringContaining("Set B_TOKEN") as string,
    });
    expect(of("secret C")).toMatchObject({ state: "note" });
    expect(of("secret D")).toMatchObject({ state: "ok" });
    expect(of("secret E").found).toContain('has no field "None"');
    expect(of("secret F").found).toContain("set LOOM_KEEPASS_DB_OTHER_PATH");
    expect(of("secret G").found).toContain("set OP_SERVICE_ACCOUNT_TOKEN");
    expect(of("secret H").found).toContain("too short to be hidden");
    expect(of("secret I")).toMatchObject({ state: "failure" });
    const withToken = { ...env, OP_SERVICE_ACCOUNT_TOKEN: "ops_account" };
    expect(examine(project, withToken).of("secret G").advice).toContain("npm install @1password/sdk");
    const printed = ["--json", "--color=never"].map((flag) => project.loom(["doctor", flag], withToken));
    const values = ["s3cr3t", "npm_k33pass", "fixture password", "ops_account", "abc"];
    for (const { stdout, stderr } of printed)
      expect(values.filter((value) => `${stdout}${stderr}`.includes(value))).toEqual([]);
  });

  test("a folder for caches that cannot be written to keeps snapshots from being made", () => {
    const project = repository();
    const file = join(project.root, "file");
    writeFileSync(file, "");
    const env = { XDG_CACHE_HOME: file };
    const isolated = examine(project, { ...env, ...ISOLATED });
    expect(isolated.exitCode).toBe(1);
    expect(isolated.of("folder snapshots")).toMatchObject({ state: "failure" });
    expect(isolated.of("folder snapshots").found).toContain(`"${file}" is not a folder`);
    expect(isolated.of("folder caches")).toMatchObject({ state: "warning" });
    const inPlace = examine(project, env);
    expect([inPlace.exitCode, inPlace.of("folder snapshots").state]).toEqual([0, "warning"]);
  });

  const mayMount = process.platform === "linux" && process.getuid?.() === 0;
  test.runIf(mayMount)(
    "a full disk is a warning, and a failure where nothing can be written (needs root)",
    () => {
      const project = repository();
      const { cache } = snapshots();
      const fill = `mount -t tmpfs -o size=1m loom-test "${cache}" && { cat /dev/zero > "${cache}/full"; exec "$@"; }`;
      const args = ["-m", "sh", "-c", fill, "sh", process.execPath, LOOM, "doctor"];
      const env = {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        LANG: "C.UTF-8",
        XDG_CACHE_HOME: cache,
      };
      const { status, stdout } = spawnSync("unshare", args, { cwd: project.root, encoding: "utf8", env });
      expect(status).toBe(1);
      expect(stdout).toMatch(/^! disk caches {2,}0 bytes and \S+ % of the inodes are free/mu);
      expect(stdout).toMatch(/^✗ folder snapshots .*no space left on device \(ENOSPC\)/mu);
    },
  );

  test("evidence that would land elsewhere is a failure", () => {
    const project = repository();
    writeFileSync(join(project.root, ".loom/.runtime"), "");
    expect(examine(project).of("folder evidence")).toMatchObject({
      state: "failure",
      found: expect.stringContaining("it is not a directory") as string,
    });
  });

  test("configuration that cannot be used is a failure", () => {
    const project = repository();
    writeFileSync(join(project.root, ".loom/config.yml"), "runtime: {workspace: isolated}\n");
    expect(examine(project).of("config").found).toBe(`"${project.root}/.loom/config.yml" is valid`);
    writeFileSync(join(project.root, ".loom/config.yml"), "runtime: {workspace: elsewhere}\n");
    const { exitCode, of } = examine(project);
    expect([exitCode, of("config").state]).toEqual([1, "failure"]);
    expect(examine(repository(), { LOOM_IN_PLACE: "perhaps" }).of("config").found).toContain("LOOM_IN_PLACE");
  });

  test("says how a run would be shown: as lines without a terminal, and an unknown output is a failure", () => {
    const project = repository();
    expect(examine(project).of("terminal")).toMatchObject({
      state: "note",
      found: "stdout is not a terminal, without colours: loom run prints lines (plain)",
    });
    const { exitCode, of } = examine(project, { LOOM_OUTPUT: "loud" });
    expect(exitCode).toBe(1);
    expect(of("terminal")).toMatchObject({
      state: "failure",
      found: 'Unknown output "loud" in LOOM_OUTPUT',
      advice: expect.stringMatching(/^Set it to one of tui, /u) as string,
    });
  });

  test("in a terminal, says its size and that the live view is shown", async () => {
    const { root } = repository();
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      NO_COLOR: "1",
    };
    const child = pty.spawn(process.execPath, [LOOM, "doctor"], { cwd: root, env, cols: 200, rows: 40 });
    let said = "";
    child.onData((text) => (said += text));
    await new Promise((resolve) => child.onExit(resolve));
    expect(said).toContain(
      "✓ terminal          stdout is a terminal of 200×40 (TERM is xterm-256color), without colours (NO_COLOR): loom run shows the live view",
    );
  });
});
