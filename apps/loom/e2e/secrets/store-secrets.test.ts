import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import pty from "@lydell/node-pty";
import { expect, test } from "vitest";
import { LOOM, makeProject, type Ended, type Project } from "../project.ts";
import type { Account } from "./one-password-sdk.ts";

const VALUE = "s3cret/t0ken+value";
const FIXTURE = fileURLToPath(
  new URL("../../../../packages/secrets/test/fixtures/keepass/kdbx4-password.kdbx", import.meta.url),
);
const CREATE = ["secrets", "keepass", "item", "create", "team", "CI/new/key"];
const UPDATE = ["secrets", "keepass", "item", "update", "team", "CI/npm/publish"];

type Env = Readonly<Record<string, string>>;

interface Keepass {
  readonly project: Project;
  readonly path: string;
  readonly env: Env;
}

/** A project and a database, whose file is there or not. */
function keepass({ isThere = true } = {}): Keepass {
  const project = makeProject({
    workflow: `version: v1
stages: [a]
j:
  stage: a
  secrets: {TOKEN: {ref: "keepass://team#CI/new/key:Password", file: false}}
  script: ['test "$TOKEN" = "$EXPECTED" && echo the same']
`,
  });
  const path = join(project.root, "team.kdbx");
  if (isThere) copyFileSync(FIXTURE, path);
  const env = {
    LOOM_KEEPASS_DB_TEAM_PATH: path,
    LOOM_KEEPASS_DB_TEAM_PASSWORD_ENV: "KP_PASSWORD",
    KP_PASSWORD: "fixture password",
  };
  return { project, path, env };
}

/** Runs the program with something on its stdin. */
function piped(
  project: Project,
  args: readonly string[],
  { env, input }: { env: Env; input: string },
): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LOOM, ...args], {
    cwd: project.root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    input,
  });
  return { exitCode: status, stdout, stderr };
}

test("a database that Loom made holds what is put into it, and a job gets it from there", () => {
  const { project, path, env } = keepass({ isThere: false });
  expect(project.loom(["secrets", "keepass", "vault", "create", "team"], env)).toEqual({
    exitCode: 0,
    stdout: `created  ${path}\n`,
    stderr: "",
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const again = project.loom(["secrets", "keepass", "vault", "create", "team"], env);
  expect(again).toMatchObject({ exitCode: 1, stdout: "" });
  expect(again.stderr).toContain("there is a file already");

  const values = ["--value-env", "TOKEN_TO_STORE", "--value-env", "UserName=USER_TO_STORE"];
  expect(
    project.loom([...CREATE, ...values], { ...env, TOKEN_TO_STORE: VALUE, USER_TO_STORE: "robot" }),
  ).toEqual({
    exitCode: 0,
    stdout: "created  keepass://team#CI/new/key:Password\ncreated  keepass://team#CI/new/key:UserName\n",
    stderr: "",
  });
  expect(project.loom(["run", "--stream"], { ...env, EXPECTED: VALUE })).toMatchObject({ exitCode: 0 });
});

test("a new password opens a database, and the old one no more", () => {
  const { project, path, env } = keepass();
  const update = ["secrets", "keepass", "vault", "update", "team"];
  const updated = project.loom([...update, "--new-password-env", "NEW"], { ...env, NEW: VALUE });
  expect(updated).toEqual({
    exitCode: 0,
    stdout: `changed  ${path}\n`,
    stderr: "loom: From now on the new password opens it: change what the environment says of team\n",
  });
  const list = ["secrets", "keepass", "item", "list", "team"];
  expect(project.loom(list, env)).toMatchObject({ exitCode: 1, stdout: "" });
  expect(project.loom(list, { ...env, KP_PASSWORD: VALUE }).stdout).toContain("CI/npm/publish");
  expect(project.loom(update, env)).toMatchObject({ exitCode: 2, stdout: "" });
});

test("a field is changed to what stdin holds: a single line without its newline, more lines as they are", () => {
  const { project, env } = keepass();
  const changed = piped(project, [...UPDATE, "--value-stdin"], { env, input: `${VALUE}\n` });
  expect(changed).toEqual({
    exitCode: 0,
    stdout: "changed  keepass://team#CI/npm/publish:Password\n",
    stderr: "",
  });
  // Without the newline it is the same.
  expect(piped(project, [...UPDATE, "--value-stdin"], { env, input: VALUE }).stdout).toBe(
    "as it was  keepass://team#CI/npm/publish:Password\n",
  );
  const key = "-----BEGIN-----\nabc\n";
  const stored = piped(project, [...UPDATE, "--value-stdin", "--field", "Key"], { env, input: key });
  expect(stored.stdout).toBe("added  keepass://team#CI/npm/publish:Key\n");
  expect(project.loom([...UPDATE, "--value-env", "Key=KEY"], { ...env, KEY: key }).stdout).toBe(
    "as it was  keepass://team#CI/npm/publish:Key\n",
  );
});

test.each([
  ["no value", [], "", 2, "give --value-env NAME or --value-stdin"],
  ["an argument", [VALUE], "", 2, "never from an argument"],
  ["an unknown flag", [`--value=${VALUE}`], "", 2, "never from an argument"],
  ["a value where a name belongs", ["--value-env", `${VALUE}=`], "", 2, "give the name of the variable"],
  ["two values for a field", ["--value-env", "A", "--value-stdin"], VALUE, 2, "for the same field"],
  ["nothing on stdin", ["--value-stdin"], "\n", 2, "There is no value on stdin"],
  [
    "a name that no field can have",
    ["--value-stdin", "--field", "a:b"],
    VALUE,
    1,
    "cannot be the name of a field",
  ],
  ["the name of a field in another case", ["--value-stdin", "--field", "api key"], VALUE, 1, 'but "API key"'],
])("a value that is given as %s is not stored, and not shown", (_, flags, input, exitCode, words) => {
  const { project, path, env } = keepass();
  const before = readFileSync(path);
  const refused = piped(project, [...UPDATE, ...flags], { env, input });
  expect(refused).toMatchObject({ exitCode, stdout: "" });
  expect(refused.stderr).toContain(words);
  expect(refused.stderr).not.toContain(VALUE);
  expect(refused.stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a value is not read from a terminal", async () => {
  const { project, env } = keepass();
  const terminal = pty.spawn(process.execPath, [LOOM, ...CREATE, "--value-stdin"], {
    cwd: project.root,
    cols: 200,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
  });
  let said = "";
  terminal.onData((text) => (said += text));
  const exitCode = await new Promise((resolve) => terminal.onExit((end) => resolve(end.exitCode)));
  expect(exitCode).toBe(2);
  expect(said).toContain("Cannot read the value from a terminal");
});

test("an entry that is there is refused by item create, and one that is not by item update", () => {
  const { project, path, env } = keepass();
  const before = readFileSync(path);
  const flags = ["--value-env", "V"];
  const there = ["secrets", "keepass", "item", "create", "team", "CI/npm/publish"];
  const created = project.loom([...there, ...flags], { ...env, V: VALUE });
  expect(created).toMatchObject({ exitCode: 1, stdout: "" });
  expect(created.stderr).toContain('has an entry "CI/npm/publish" already');
  const none = ["secrets", "keepass", "item", "update", "team", "CI/none"];
  const updated = project.loom([...none, ...flags], { ...env, V: VALUE });
  expect(updated).toMatchObject({ exitCode: 1, stdout: "" });
  expect(updated.stderr).toContain('has no entry "CI/none"');
  expect(readFileSync(path).equals(before)).toBe(true);
});

const HAS_KEEPASSXC = spawnSync("keepassxc-cli", ["--version"]).status === 0;

test.skipIf(!HAS_KEEPASSXC)("KeePassXC opens what Loom made and changed", () => {
  const { project, path, env } = keepass({ isThere: false });
  project.loom(["secrets", "keepass", "vault", "create", "team"], env);
  project.loom([...CREATE, "--value-env", "V"], { ...env, V: "the old value" });
  const update = ["secrets", "keepass", "item", "update", "team", "CI/new/key", "--value-env", "V"];
  project.loom(update, { ...env, V: VALUE });
  const shown = execFileSync("keepassxc-cli", ["show", "-s", "-a", "Password", path, "CI/new/key"], {
    input: `${env["KP_PASSWORD"]}\n`,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, QT_QPA_PLATFORM: "offscreen" },
  });
  expect(shown).toBe(`${VALUE}\n`);
});

test("vaults and items of 1Password are listed by name and id, and an item made that a job can have", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a]
j:
  stage: a
  secrets: {TOKEN: {ref: "op://CI/npm/password", file: false}}
  script: ['test "$TOKEN" = "$EXPECTED"']
`,
  });
  const account = join(project.root, "account.json");
  const vaults = [{ id: "vault-0", title: "CI", items: [{ id: "item-0", title: "old", fields: [] }] }];
  const inIt: Account = { token: "ops_account", vaults };
  writeFileSync(account, JSON.stringify(inIt));
  const sdk = pathToFileURL(join(import.meta.dirname, "one-password-sdk.ts")).href;
  const env = {
    NODE_OPTIONS: `--import=${sdk}`,
    ONE_PASSWORD_ACCOUNT: account,
    OP_SERVICE_ACCOUNT_TOKEN: "ops_account",
  };
  const op = (args: readonly string[], more: Env = {}): Ended =>
    project.loom(["secrets", "op", ...args], { ...env, ...more });
  expect(op(["vault", "list"])).toEqual({ exitCode: 0, stdout: "CI  vault-0\n", stderr: "" });
  expect(op(["item", "list", "ci"])).toEqual({ exitCode: 0, stdout: "old  item-0\n", stderr: "" });
  const create = ["item", "create", "CI", "npm", "--value-env", "V"];
  expect(op(create, { V: VALUE })).toEqual({
    exitCode: 0,
    stdout: "created  op://CI/npm/password\n",
    stderr: "",
  });
  expect(project.loom(["run"], { ...env, EXPECTED: VALUE })).toMatchObject({ exitCode: 0 });

  const again = op(create, { V: VALUE });
  expect(again).toMatchObject({ exitCode: 1, stdout: "" });
  expect(again.stderr).toContain('has an item "npm" already');
  expect(op(["item", "list", "none"]).stderr).toContain("loom secrets op vault list names those it may");
  expect(op(["vault", "list"], { OP_SERVICE_ACCOUNT_TOKEN: "ops_wr0ng" })).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: "loom: Cannot list the vaults: 1Password refuses the token: check OP_SERVICE_ACCOUNT_TOKEN\n",
  });
  expect(op(["vault", "list"], { NODE_OPTIONS: "" }).stderr).toContain("npm install @1password/sdk");
});
