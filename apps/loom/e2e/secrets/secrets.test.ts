import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeProject, processesOf, type Project } from "../project.ts";

const TOKEN = "s3cr3t/token+value";
const KEY =
  "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nline with 'quotes' and \"more\"\n-----END KEY-----\n";
const ENV = { MY_TOKEN: TOKEN, MY_KEY: KEY };

/** Databases that KeePassXC wrote. */
const DATABASES = fileURLToPath(
  new URL("../../../../packages/secrets/test/fixtures/keepass/", import.meta.url),
);
const KEEPASS = {
  LOOM_KEEPASS_DB_TEAM_PATH: join(DATABASES, "kdbx4-key-file.kdbx"),
  LOOM_KEEPASS_DB_TEAM_PASSWORD_ENV: "KP_PASSWORD",
  LOOM_KEEPASS_DB_TEAM_KEYFILE_ENV: "KP_KEY_FILE",
  KP_PASSWORD: "fixture password",
  KP_KEY_FILE: join(DATABASES, "fixture.keyx"),
};

const HEAD = `version: v1
stages: [a, b]
`;

/** Everything that a run left, as one text each. */
function evidenceOf({ root }: Project): ReadonlyMap<string, string> {
  const folder = join(root, ".loom/.runtime");
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(folder, path), "latin1")]));
}

/** Where the files of secrets of a run are; gone or not. */
function secretFolders(): string[] {
  return existsSync("/dev/shm")
    ? readdirSync("/dev/shm").filter((name) => name.startsWith("loom-secrets-"))
    : [];
}

test("a job has its secrets as a variable and as a file that only it can read, gone at the end", () => {
  const project = makeProject({
    workflow: `${HEAD}
j:
  stage: a
  secrets:
    TOKEN: {ref: "env://MY_TOKEN", file: false}
    KEY: {ref: "env://MY_KEY"}
    MIRROR: {ref: "env://MY_MIRROR", required: false}
  script:
    - printf %s "$TOKEN" | wc -c
    - stat -c %a "$KEY" && wc -c < "$KEY" && echo "at $KEY" && echo "mirror is \${MIRROR-unset}"
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream"], ENV);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`│ ${TOKEN.length}$`, "mu"));
  expect(stdout).toMatch(new RegExp(`│ 600\n.*│ ${KEY.length}$`, "mu"));
  expect(stdout).toContain("│ mirror is unset");
  const path = /at (\S+)$/mu.exec(stdout)?.[1] ?? "";
  expect(path).toMatch(/\/KEY$/u);
  expect(existsSync(dirname(path))).toBe(false);
  expect(project.verdict()).toBe("valid");
});

// Each way to print it; the last is a process that the clean-up has to end and names by its command.
const PRINTING = [
  `echo "is $TOKEN"`,
  `printf '%s' "$TOKEN" | base64`,
  `printf 'x%s' "$TOKEN" | base64`,
  `for c in s 3 c r 3 t / t o k e n + v a l u e; do printf %s "$c"; sleep 0.01; done; echo`,
  `printf '%s' "$TOKEN" >&2`,
  `cat "$KEY"`,
  `sed "s/^/  /" "$KEY" >&2`,
  `node -e 'console.log(JSON.stringify(process.env), encodeURIComponent(process.env.TOKEN))'`,
  `LOOM_UNIT_OF="$TOKEN" sh -xc ': "$LOOM_UNIT_OF"'`,
  `sh -c 'sleep 300; :' "$TOKEN" &`,
];

test("no value of a secret reaches a file of the evidence or the output, however it is printed", () => {
  const jobs = PRINTING.map(
    (script, index) => `j${index}:
  stage: a
  secrets: {TOKEN: {ref: "env://MY_TOKEN", file: false}, KEY: {ref: "env://MY_KEY"}}
  artifacts: {paths: [report.xml], reports: {junit: [missing.xml]}}
  script: [${JSON.stringify(script)}]
`,
  );
  const project = makeProject({ workflow: `${HEAD}${jobs.join("")}` });
  const outputs = [
    project.loom(["run", "--stream", "-j", "2"], ENV),
    project.loom(["run", "--json", "-j", "2"], ENV),
    project.loom(["logs"]),
    project.loom(["show", "--json"]),
    project.loom(["explain", "--json", "--all"]),
  ];
  const texts = new Map([
    ...evidenceOf(project),
    ...outputs.map(({ stdout, stderr }, index) => [`output ${index}`, stdout + stderr] as const),
  ]);
  expect(outputs[0]?.exitCode).toBe(0);
  const base64 = Buffer.from(TOKEN).toString("base64").slice(0, 16);
  const shifted = Buffer.from(`x${TOKEN}`).toString("base64").slice(4, 20);
  const parts = [
    TOKEN,
    encodeURIComponent(TOKEN),
    base64,
    shifted,
    "MIIEvQIBADANBgkqhkiG9w0BAQ",
    "with 'quotes'",
  ];
  const found = [...texts].flatMap(([where, text]) =>
    parts.filter((part) => text.includes(part)).map((part) => `${part} in ${where}`),
  );
  expect(found).toEqual([]);
  const all = [...texts.values()].join("");
  expect(all).toContain("[REDACTED:SECRET_TOKEN]");
  expect(all).toContain("[REDACTED:SECRET_KEY]");
  expect(project.verdict()).toBe("valid");
});

test("the secret of one job is hidden in what another prints of the environment that both have", () => {
  const project = makeProject({
    workflow: `${HEAD}
early: {stage: a, script: ["echo MY_TOKEN is $MY_TOKEN"]}
late: {stage: b, secrets: {TOKEN: {ref: "env://MY_TOKEN"}}, script: ["true"]}
`,
  });
  const { stdout } = project.loom(["run", "--stream"], ENV);
  expect(stdout).toContain("MY_TOKEN is [REDACTED:SECRET_TOKEN]");
});

test("a job has secrets from a database of KeePass, and neither they nor its password reach the evidence", () => {
  const project = makeProject({
    workflow: `${HEAD}
early: {stage: a, script: ["env | sort"]}
j:
  stage: b
  secrets:
    TOKEN: {ref: "keepass://team#CI/npm/publish:Password", file: false}
    KEY: {ref: "keepass://team#CI/npm/publish:API key"}
    MIRROR: {ref: "keepass://team#CI/npm/mirror:Password", required: false}
  script:
    - printf %s "$TOKEN" | wc -c
    - wc -c < "$KEY" && echo "mirror is \${MIRROR-unset}"
    - echo "$TOKEN"; cat "$KEY"; printf '%s' "$TOKEN" | base64; env
`,
  });
  const ran = project.loom(["run", "--stream"], KEEPASS);
  expect(ran.exitCode).toBe(0);
  expect(ran.stdout).toMatch(/│ 22$/mu);
  expect(ran.stdout).toMatch(/│ 18\n.*│ mirror is unset$/mu);
  const texts = new Map([...evidenceOf(project), ["output", ran.stdout + ran.stderr]]);
  const value = 'npm_k33pass/ü+€ "q"';
  const parts = [
    "npm_k33pass",
    Buffer.from(value).toString("base64").slice(0, 20),
    "custom-field-value",
    KEEPASS.KP_PASSWORD,
  ];
  const found = [...texts].flatMap(([where, text]) =>
    parts.filter((part) => text.includes(part)).map((part) => `${part} in ${where}`),
  );
  expect(found).toEqual([]);
  expect(ran.stdout).toContain("KP_PASSWORD=[REDACTED:SECRET_KP_PASSWORD]");
  expect(ran.stdout).toContain("[REDACTED:SECRET_TOKEN]");
  expect(ran.stdout).toContain("[REDACTED:SECRET_KEY]");
  expect(project.verdict()).toBe("valid");
});

test("loom secrets keepass lists databases and entries by name, and no value", () => {
  const project = makeProject({ workflow: `${HEAD}j: {stage: a, script: ["true"]}\n` });
  expect(project.loom(["secrets", "keepass", "vault", "list"], KEEPASS)).toMatchObject({
    exitCode: 0,
    stdout: `team  ${KEEPASS.LOOM_KEEPASS_DB_TEAM_PATH}\n`,
  });
  expect(project.loom(["secrets", "keepass", "vault", "list"])).toMatchObject({ exitCode: 0, stdout: "" });
  expect(project.loom(["secrets", "keepass", "item", "list", "team"], KEEPASS)).toEqual({
    exitCode: 0,
    stderr: "",
    stdout: `deploy          Notes, Password, Title, URL, UserName
CI/a/b: both    Notes, Password, Title, URL, UserName
CI/twice        Notes, Password, Title, URL, UserName
CI/twice        Notes, Password, Title, URL, UserName
CI/npm/publish  API key, Notes, Password, Plain, Title, URL, UserName
`,
  });
  const refused = project.loom(["secrets", "keepass", "item", "list", "other"], KEEPASS);
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  expect(refused.stderr).toContain("set LOOM_KEEPASS_DB_OTHER_PATH");
});

test.each([
  ["missing", "env://NOT_THERE", {}, "SECRETS_REQUIRED_MISSING", "NOT_THERE is not set"],
  [
    "too short to hide",
    "env://MY_TOKEN",
    { MY_TOKEN: "abc" },
    "SECRETS_REF_INVALID",
    "shorter than 4 characters",
  ],
  [
    "in no database of KeePass that is known",
    "keepass://team#CI/npm/publish:Password",
    {},
    "SECRETS_PROVIDER_UNAVAILABLE",
    "set LOOM_KEEPASS_DB_TEAM_PATH",
  ],
  [
    "in a database of KeePass that another password opens",
    "keepass://team#CI/npm/publish:Password",
    { ...KEEPASS, KP_PASSWORD: "wr0ng" },
    "SECRETS_PROVIDER_UNAVAILABLE",
    "check what LOOM_KEEPASS_DB_TEAM_PASSWORD_ENV",
  ],
  [
    "in 1Password, and there is no token",
    "op://ci/npm/token",
    {},
    "SECRETS_PROVIDER_UNAVAILABLE",
    "set OP_SERVICE_ACCOUNT_TOKEN",
  ],
  [
    "in 1Password, and its SDK is not installed",
    "op://ci/npm/token",
    { OP_SERVICE_ACCOUNT_TOKEN: "ops_account" },
    "SECRETS_PROVIDER_UNAVAILABLE",
    "npm install @1password/sdk",
  ],
  ["of an unknown scheme", "vault://a/b", {}, "SECRETS_PROVIDER_UNAVAILABLE", "vault://a/b"],
  [
    "in a variable that a trace would print",
    "env://MY_TOKEN",
    { CI_DEBUG_TRACE: "true" },
    "SECRETS_UNSAFE_DEBUG_TRACE",
    "CI_DEBUG_TRACE=true",
  ],
])("a job whose secret is %s fails at its set-up, and blocks what needs it", (_, ref, env, code, words) => {
  const project = makeProject({
    workflow: `${HEAD}
j: {stage: a, secrets: {TOKEN: {ref: "${ref}", file: false}}, script: [echo never]}
after: {stage: b, script: [echo never]}
`,
  });
  const { exitCode, stdout } = project.loom(["run"], { ...ENV, ...env });
  expect(exitCode).toBe(1);
  expect(stdout).not.toContain("never");
  expect(stdout).toContain(words);
  const { jobManifest, events } = project.lastRun();
  expect(jobManifest("j")).toMatchObject({ status: "failed", failing_section: "provider" });
  expect(events("jobs/j/system/provider/events.jsonl").at(-1)).toMatchObject({ error: { code } });
  expect(jobManifest("after")).toMatchObject({ status: "skipped", blocked_by: ["j"] });
  expect(project.verdict()).toBe("valid");
});

test("the files of secrets are gone when loom was killed", async () => {
  const project = makeProject({
    workflow: `${HEAD}
j: {stage: a, secrets: {KEY: {ref: "env://MY_KEY"}}, script: ["echo at $KEY; sleep 300"]}
`,
  });
  const run = project.start(["run", "--stream"], ENV);
  await run.said("at /");
  const { run_id: runId } = JSON.parse(
    readFileSync(
      join(
        project.root,
        ".loom/.runtime/logs",
        readdirSync(join(project.root, ".loom/.runtime/logs"))[0] ?? "",
        "events.jsonl",
      ),
      "utf8",
    ).split("\n")[0] ?? "",
  ) as { run_id: string };
  const ours = (): string[] => secretFolders().filter((name) => name.includes(runId));
  if (existsSync("/dev/shm")) expect(ours()).toHaveLength(1);
  run.process.kill("SIGKILL");
  await run.ended;
  await expect.poll(() => [...ours(), ...processesOf(runId)], { timeout: 30_000 }).toEqual([]);
  writeFileSync(join(project.root, ".loom/workflow.yml"), `${HEAD}j: {stage: a, script: ["true"]}\n`);
  expect(project.loom(["run"]).exitCode).toBe(0);
});
