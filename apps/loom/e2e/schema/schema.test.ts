import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { HAS_NATS_SERVER, startNatsServer } from "../nats-server.ts";
import { LOOM, makeProject, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [build, test, deploy]
compile: {stage: build, script: ["mkdir -p out; date > out/a"], cache: {key: k, paths: [out]}, artifacts: {paths: [out]}}
tags: {stage: build, script: ["sh tags.sh"]}
unit: {stage: test, needs: [compile], script: ["echo checking", "sh unit.sh"], retry: {max: 1}}
lint: {stage: test, script: ["echo 'a.c:3:1: warning: unused'; exit 1"], allow_failure: true}
publish: {stage: deploy, script: ["true"]}
tidy: {stage: deploy, script: ["true"], when: always}
`;

const FAILS = 'echo "src/a.ts:3:7 - error TS2322: no"; kill -9 $$\n';

/** A JSON Schema, as far as this test looks into it. */
interface Schema {
  readonly properties?: object;
  readonly additionalProperties?: unknown;
}

/** The same schema, in which no object may have a key that it does not name. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  const { properties, additionalProperties: more } = schema as Schema;
  const isOpen = more === undefined || JSON.stringify(more) === "{}";
  return properties !== undefined && isOpen ? { ...inner, additionalProperties: false } : inner;
}

/** What Loom writes, held to what `loom schema` says of it. */
class Judge {
  readonly seen = new Set<string>();
  readonly #project: Project;
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(project: Project) {
    this.#project = project;
  }

  holds(name: string, value: unknown): void {
    const validate = this.#validatorOf(name);
    validate(value);
    const { errors } = validate;
    assert.deepEqual(errors ?? [], [], `${name}: ${JSON.stringify({ errors, value }).slice(0, 3000)}`);
    this.seen.add(name);
  }

  file(name: string, path: string): void {
    this.holds(name, JSON.parse(readFileSync(path, "utf8")));
  }

  #validatorOf(name: string): ValidateFunction {
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const { exitCode, stdout, stderr } = this.#project.loom(["schema", name]);
    assert.deepEqual([exitCode, stderr], [0, ""]);
    const made = new Ajv2020({ allErrors: true }).compile(strict(JSON.parse(stdout)) as object);
    this.#compiled.set(name, made);
    return made;
  }
}

/** A repository in which `unit` fails since the second commit, and the commit before that. */
function repository(): {
  readonly project: Project;
  readonly env: Record<string, string>;
  readonly good: string;
} {
  const project = makeProject({ workflow: WORKFLOW });
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", ...args], {
      cwd: project.root,
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "main");
  const commit = (unit: string): string => {
    writeFileSync(join(project.root, "unit.sh"), unit);
    git("add", "-A");
    git("commit", "-qm", "A change");
    return git("rev-parse", "HEAD");
  };
  writeFileSync(join(project.root, ".gitignore"), ".loom/.runtime\nflag\n");
  writeFileSync(join(project.root, "tags.sh"), `test ! -e ${project.root}/flag\n`);
  const good = commit("true\n");
  commit(FAILS);
  return { project, env: snapshots().env, good };
}

/** One of its jobs fails, and the run does not. */
const MATRIX = `each: {stage: s, matrix: [{A: ["0", "1"]}], script: ['exit "$A"'], allow_failure: true}\n`;

/** The schema of a document, by where it is below a run's folder. */
function documentName(path: string): string | undefined {
  const file = basename(path);
  if (file === "events.jsonl") return "event";
  if (path === "phase-report.json") return "phase-report";
  const kind = /^(?:(pipeline|jobs)\/)?(?:[^/]+\/)?(?:(user|system)\/.+\/)?(summary|manifest)\.json$/u.exec(
    path,
  );
  if (kind === null) return undefined;
  const [, top, inner, word = ""] = kind;
  const owner =
    top === "jobs" ? (inner === undefined ? "job" : inner === "user" ? "step" : "section") : (top ?? "run");
  return `${owner}-${word}`;
}

describe("loom schema", () => {
  test("describes every document of a run and every --json, with no key left out", async () => {
    const { project, env, good } = repository();
    const judge = new Judge(project);
    const json = (name: string, args: readonly string[], exitCode = 0): Record<string, unknown> => {
      const ended = project.loom(args, env);
      expect([args.join(" "), ended.exitCode, ended.stdout === ""]).toEqual([
        args.join(" "),
        exitCode,
        false,
      ]);
      const value = JSON.parse(ended.stdout) as Record<string, unknown>;
      judge.holds(name, value);
      return value;
    };
    const lines = (name: string, text: string): void => {
      for (const line of text.trimEnd().split("\n")) judge.holds(name, JSON.parse(line));
    };

    json("plan", ["run", "--dry-run", "--json"]);
    json("runs", ["runs", "--json"]);
    json("flaky", ["flaky", "--json"]);
    writeFileSync(join(project.root, "flag"), "");
    expect(project.loom(["run", "-q"], env).exitCode).toBe(1);
    execFileSync("rm", [join(project.root, "flag")]);
    lines("run", project.loom(["run", "--json"], env).stdout);
    const documentsOf = (of: Project): void => {
      const { directory, receipt } = of.lastRun();
      for (const path of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
        const name = documentName(path);
        if (name === "event") lines(name, readFileSync(join(directory, path), "utf8"));
        else if (name !== undefined) judge.file(name, join(directory, path));
        else expect(path).not.toMatch(/\.jsonl?$/u);
      }
      judge.file("receipt", join(of.root, ".loom/.runtime/receipts", `${receipt.run_id}.json`));
    };
    documentsOf(project);

    const held = makeProject({
      workflow: `version: v1\nstages: [s]\nunit: {stage: s, script: ["true", "test -e fixed"]}\n`,
    });
    const left = held.loom(["run", "--pause-exit", "--json"]);
    expect([left.exitCode, left.stdout.includes('"event":"job_paused"')]).toEqual([77, true]);
    lines("run", left.stdout);
    judge.holds("run-state", JSON.parse(held.loom(["ctl", "state", "--json"]).stdout));
    judge.holds("explain", JSON.parse(held.loom(["explain", "--json"]).stdout));
    writeFileSync(join(held.root, "fixed"), "");
    expect(held.loom(["ctl", "retry-step", "unit"]).exitCode).toBe(0);
    while (held.loom(["ctl", "state"]).exitCode === 0);
    documentsOf(held);

    json("plan", ["run", "--dry-run", "--json"]);
    json("plan", ["run", "--dry-run", "--json", "--job", "unit"]);
    json("runs", ["runs", "--json"]);
    json("show", ["show", "--json"]);
    json("explain", ["explain", "--json"]);
    json("explain", ["explain", "--json", "last~1"]);
    for (const job of ["compile", "unit", "lint", "publish", "tidy"])
      json("explain-job", ["explain", "--job", job, "--json"]);
    json("explain-all", ["explain", "--all", "--json"]);
    const state = join(project.root, "state.json");
    const asks = `"${process.execPath}" "${LOOM}" ctl state --json > "${state}"`;
    const live = makeProject({
      workflow: `version: v1\nstages: [s]\nask: {stage: s, script: ['${asks}']}\n${MATRIX}`,
    });
    expect(live.loom(["run", "-q"]).exitCode).toBe(0);
    judge.holds("explain-jobs", JSON.parse(live.loom(["explain", "each", "--json"]).stdout));
    judge.file("run-state", state);
    lines("logs", project.loom(["logs", "--json"], env).stdout);
    json("phase-report", ["verify", "last", "--json", "--full"]);
    expect(json("diff", ["diff", "--json"])["jobs"]).not.toEqual([]);
    expect(json("flaky", ["flaky", "--json"])["jobs"]).not.toEqual([]);
    json("flaky-rerun", ["flaky", "--rerun", "tidy", "-n", "1", "--json"]);
    json("bisect", ["bisect", "unit", "--good", good, "--json"]);
    json("doctor", ["doctor", "--json"]);
    json("config", ["config", "show", "--json"]);
    expect(json("cache-list", ["cache", "list", "--json"])["caches"]).not.toEqual([]);
    json("cache-prune", ["cache", "prune", "--max", "1kB", "--json"]);
    expect(project.loom(["run", "-q", "--job", "compile"], env).exitCode).toBe(0);
    json("explain", ["explain", "--json"]);
    json("cache-clear", ["cache", "clear", "--json"]);
    json("clean", ["clean", "--runs", "--all", "--json"]);

    json("check", ["check", "--json"]);
    writeFileSync(join(project.root, "ci.yml"), "unit: {script: [x], environment: a}\n");
    expect(json("import", ["import", "ci.yml", "--out", "new.yml", "--json"])["gaps"]).toHaveLength(1);
    writeFileSync(
      join(project.root, ".loom/workflow.yml"),
      `${WORKFLOW}wrong: {stage: nowhere, script: []}\n`,
    );
    json("check", ["check", "--json"], 1);
    const receipts = join(project.root, ".loom/.runtime/receipts");
    const checks = readdirSync(receipts).filter((name) => name.startsWith("loom-check-"));
    expect(checks).toHaveLength(2);
    for (const name of checks) judge.file("check-receipt", join(receipts, name));
    expect(project.loom(["run", "-q"], env).exitCode).toBe(1);
    json("explain", ["explain", "--json"]);
    json("runs", ["runs", "--json"]);

    if (HAS_NATS_SERVER) {
      const { url } = await startNatsServer();
      const worker = project.start(["worker", "--engine", url, "--label", "os=linux"], env);
      await worker.said("takes");
      json("workers", ["workers", "--engine", url, "--json"]);
      worker.process.kill("SIGTERM");
      await worker.ended;
    }

    const listed = project.loom(["schema"]).stdout.trimEnd().split("\n");
    const unseen = listed
      .map((line) => line.split(" ")[0] ?? "")
      .filter((name) => !judge.seen.has(name) && (HAS_NATS_SERVER || name !== "workers"));
    expect(unseen).toEqual([]);
  }, 120_000);

  test("suggests the nearest name", () => {
    const project = makeProject({ workflow: WORKFLOW });
    expect(project.loom(["schema", "recipt"])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: 'loom: There is no schema "recipt". Did you mean "receipt"?\n',
    });
    expect(project.loom(["schema", "unheard-of"])).toMatchObject({
      exitCode: 2,
      stderr: 'loom: There is no schema "unheard-of". loom schema lists them\n',
    });
  });
});
