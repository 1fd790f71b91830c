import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ok } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { createKeepassSource } from "./keepass-source.ts";

// How they were made is written beside them.
const FIXTURES = fileURLToPath(new URL("../../test/fixtures/keepass/", import.meta.url));
const PASSWORD = "fixture password";
const KEY_FILE = join(FIXTURES, "fixture.keyx");

const ENV = {
  LOOM_KEEPASS_DB_TEAM_CI_PATH: join(FIXTURES, "kdbx4-password.kdbx"),
  LOOM_KEEPASS_DB_TEAM_CI_PASSWORD_ENV: "KP_PASSWORD",
  KP_PASSWORD: PASSWORD,
};
const WITH_KEY_FILE = {
  ...ENV,
  LOOM_KEEPASS_DB_TEAM_CI_PATH: join(FIXTURES, "kdbx4-key-file.kdbx"),
  LOOM_KEEPASS_DB_TEAM_CI_KEYFILE_ENV: "KP_KEY_FILE",
  KP_KEY_FILE: KEY_FILE,
};
const PUBLISH = "keepass://team-ci#CI/npm/publish";

async function refusal(
  env: Readonly<Record<string, string>>,
  ref = `${PUBLISH}:Password`,
): Promise<{ readonly code?: string; readonly message: string }> {
  const resolved = await createKeepassSource({ ...ENV, ...env }).resolve(ref);
  return resolved.ok ? { message: "" } : resolved.error;
}

test.each([
  ["kdbx3-password.kdbx", false],
  ["kdbx3-key-file.kdbx", true],
  ["kdbx4-password.kdbx", false],
  ["kdbx4-key-file.kdbx", true],
])("createKeepassSource() reads %s, which KeePassXC wrote", async (file, hasKeyFile) => {
  const env = { ...(hasKeyFile ? WITH_KEY_FILE : ENV), LOOM_KEEPASS_DB_TEAM_CI_PATH: join(FIXTURES, file) };
  const source = createKeepassSource(env);
  expect(await source.resolve(`${PUBLISH}:Password`)).toEqual(ok('npm_k33pass/ü+€ "q"'));
  expect(await source.resolve(`${PUBLISH}:Notes`)).toEqual(ok("line one\nline two"));
});

describe("resolve()", () => {
  test.each([
    [`${PUBLISH}:UserName`, "loom-robot"],
    [`${PUBLISH}:URL`, "https://registry.example/"],
    [`${PUBLISH}:Title`, "publish"],
    [`${PUBLISH}:API key`, "custom-field-value"],
    [`${PUBLISH}:Plain`, "plain-field-value"],
    ["keepass://team-ci#deploy:Password", "r00t-entry-pass"],
    ["keepass://Team.CI#CI/a/b: both:Password", "slash-in-title"],
  ])("gets the value of %s", async (ref, value) => {
    expect(await createKeepassSource(ENV).resolve(ref)).toEqual(ok(value));
  });

  test("opens a database once for all references to it", async () => {
    const path = join(temporaryDirectory(), "once.kdbx");
    writeFileSync(path, readFileSync(ENV.LOOM_KEEPASS_DB_TEAM_CI_PATH));
    const source = createKeepassSource({ ...ENV, LOOM_KEEPASS_DB_TEAM_CI_PATH: path });
    expect(await source.resolve(`${PUBLISH}:Title`)).toEqual(ok("publish"));
    writeFileSync(path, "");
    expect(await source.resolve(`${PUBLISH}:UserName`)).toEqual(ok("loom-robot"));
  });

  test("tries again after a failure", async () => {
    const path = join(temporaryDirectory(), "late.kdbx");
    const source = createKeepassSource({ ...ENV, LOOM_KEEPASS_DB_TEAM_CI_PATH: path });
    expect(await source.resolve(`${PUBLISH}:Title`)).toMatchObject({ ok: false });
    writeFileSync(path, readFileSync(ENV.LOOM_KEEPASS_DB_TEAM_CI_PATH));
    expect(await source.resolve(`${PUBLISH}:Title`)).toEqual(ok("publish"));
  });

  test.each([
    "keepass://team-ci",
    "keepass://team-ci#",
    "keepass://team-ci#CI/npm/publish",
    "keepass://team-ci#:Password",
    "keepass://team-ci#CI/npm/publish:",
    "keepass://team-ci#/CI/npm/publish:Password",
    "keepass://team-ci#CI/npm/:Password",
    "keepass://#publish:Password",
    "keepass://a/b#publish:Password",
  ])("refuses %s, which is malformed", async (ref) => {
    expect(await refusal({}, ref)).toMatchObject({ code: "SECRETS_REF_INVALID" });
  });

  test.each([
    [
      "keepass://team-ci#CI/npm/nothing:Password",
      'The KeePass database team-ci has no entry "CI/npm/nothing"',
    ],
    ["keepass://team-ci#Root/deploy:Password", 'The KeePass database team-ci has no entry "Root/deploy"'],
    [
      `${PUBLISH}:password`,
      'The entry "CI/npm/publish" of the KeePass database team-ci has no field "password", only API key, Notes, Password, Plain, Title, URL, UserName',
    ],
    [
      "keepass://team-ci#deploy:URL",
      'The field "URL" of the entry "deploy" of the KeePass database team-ci is empty',
    ],
  ])("does not find %s", async (ref, message) => {
    expect(await refusal({}, ref)).toEqual({ code: "SECRETS_REF_NOT_FOUND", message });
  });

  test("refuses a path that several entries have", async () => {
    expect(await refusal({}, "keepass://team-ci#CI/twice:Password")).toEqual({
      code: "SECRETS_REF_INVALID",
      message:
        '"CI/twice" is ambiguous: the KeePass database team-ci has 2 entries of that path. Rename all but one',
    });
  });

  test.each([
    ["no path", { LOOM_KEEPASS_DB_TEAM_CI_PATH: "" }, "set LOOM_KEEPASS_DB_TEAM_CI_PATH to the path"],
    [
      "no password and no key file",
      { LOOM_KEEPASS_DB_TEAM_CI_PASSWORD_ENV: "" },
      "set LOOM_KEEPASS_DB_TEAM_CI_PASSWORD_ENV to the name of the variable that holds its password, or LOOM_KEEPASS_DB_TEAM_CI_KEYFILE_ENV",
    ],
    ["an empty password", { KP_PASSWORD: "" }, "that LOOM_KEEPASS_DB_TEAM_CI_PASSWORD_ENV names is not set"],
    [
      "a key file that no variable holds",
      { LOOM_KEEPASS_DB_TEAM_CI_KEYFILE_ENV: "KP_NOTHING" },
      "that LOOM_KEEPASS_DB_TEAM_CI_KEYFILE_ENV names is not set",
    ],
    [
      "a file that is not there",
      { LOOM_KEEPASS_DB_TEAM_CI_PATH: "/nowhere/x.kdbx" },
      'Cannot read the KeePass database "/nowhere/x.kdbx": ',
    ],
    [
      "a key file that is not there",
      { ...WITH_KEY_FILE, KP_KEY_FILE: "/nowhere/x.keyx" },
      "Cannot read the key file of the KeePass database team-ci: ",
    ],
    [
      "a wrong password",
      { KP_PASSWORD: "wr0ng-password" },
      "check what LOOM_KEEPASS_DB_TEAM_CI_PASSWORD_ENV and LOOM_KEEPASS_DB_TEAM_CI_KEYFILE_ENV name",
    ],
    [
      "a wrong password of KDBX 3",
      { LOOM_KEEPASS_DB_TEAM_CI_PATH: join(FIXTURES, "kdbx3-password.kdbx"), KP_PASSWORD: "wr0ng-password" },
      "does not open the KeePass database",
    ],
    [
      "a wrong key file",
      { ...WITH_KEY_FILE, KP_KEY_FILE: join(FIXTURES, "README.md") },
      "does not open the KeePass database",
    ],
    [
      "a key file without a key",
      { ...WITH_KEY_FILE, KP_KEY_FILE: join(FIXTURES, "entries.xml") },
      "that LOOM_KEEPASS_DB_TEAM_CI_KEYFILE_ENV names leads to no key file",
    ],
    [
      "a missing key file",
      { LOOM_KEEPASS_DB_TEAM_CI_PATH: WITH_KEY_FILE.LOOM_KEEPASS_DB_TEAM_CI_PATH },
      "does not open the KeePass database",
    ],
    [
      "a file that is no database",
      { LOOM_KEEPASS_DB_TEAM_CI_PATH: join(FIXTURES, "entries.xml") },
      "is no KeePass database",
    ],
  ])("cannot open a database with %s, and says what to do", async (_, env, words) => {
    const { code, message } = await refusal(env);
    expect(code).toBe("SECRETS_PROVIDER_UNAVAILABLE");
    expect(message).toContain(words);
    expect(message).not.toContain("wr0ng-password");
    expect(message).not.toContain(PASSWORD);
  });

  test("does not print a password that stands where a name belongs", async () => {
    const { code, message } = await refusal({ LOOM_KEEPASS_DB_TEAM_CI_PASSWORD_ENV: "hunter22" });
    expect(code).toBe("SECRETS_PROVIDER_UNAVAILABLE");
    expect(message).not.toContain("hunter22");
  });

  test.each([0, 1, 2, 3])(
    "cannot open a file that ends early or is changed (%i quarters)",
    async (quarter) => {
      for (const file of ["kdbx3-password.kdbx", "kdbx4-password.kdbx"]) {
        const whole = readFileSync(join(FIXTURES, file));
        const at = Math.floor((whole.length * quarter) / 4);
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ 0xff;
        const folder = mkdtempSync(join(temporaryDirectory(), "x"));
        for (const [index, bytes] of [whole.subarray(0, at), changed].entries()) {
          const path = join(folder, String(index));
          writeFileSync(path, bytes);
          expect(await refusal({ LOOM_KEEPASS_DB_TEAM_CI_PATH: path })).toMatchObject({
            code: "SECRETS_PROVIDER_UNAVAILABLE",
          });
        }
      }
    },
  );
});

test("keysOf() names the password of a database, without opening it", () => {
  const source = createKeepassSource({ ...ENV, LOOM_KEEPASS_DB_TEAM_CI_PATH: "/nowhere" });
  expect(source.keysOf?.(`${PUBLISH}:Password`)).toEqual([["KP_PASSWORD", PASSWORD]]);
  expect(source.keysOf?.("keepass://other#a:Password")).toEqual([]);
  expect(source.keysOf?.("keepass://team-ci")).toEqual([]);
});
