import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ok } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { createKeepassSource } from "./keepass-source.ts";
import { fieldValueOf, kdbxEntriesOf } from "./kdbx-entries.ts";
import { listKeepassItems } from "./list-keepass.ts";
import { loadKdbx } from "./load-kdbx.ts";
import { loadConfiguredKdbx } from "./open-configured-database.ts";
import { replaceKeepassFile } from "./write-keepass-file.ts";
import { createKeepassItem, updateKeepassItem } from "./write-keepass-item.ts";
import { createKeepassVault, updateKeepassVault } from "./write-keepass-vault.ts";

const FIXTURES = fileURLToPath(new URL("../../test/fixtures/keepass/", import.meta.url));
const PASSWORD = "fixture password";
const KEY_FILE = join(FIXTURES, "fixture.keyx");
const VALUE = ' tab\there, "quotes", ü€😀\r\nand lines\n';

interface Place {
  readonly folder: string;
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A folder with a copy of a database, or with none. */
function placeOf(file?: string): Place {
  const folder = temporaryDirectory();
  const path = join(folder, "team.kdbx");
  if (file !== undefined) copyFileSync(join(FIXTURES, file), path);
  const env = {
    LOOM_KEEPASS_DB_TEAM_PATH: path,
    LOOM_KEEPASS_DB_TEAM_PASSWORD_ENV: "KP_PASSWORD",
    KP_PASSWORD: PASSWORD,
    ...(file?.includes("key-file") === true && {
      LOOM_KEEPASS_DB_TEAM_KEYFILE_ENV: "KP_KEY_FILE",
      KP_KEY_FILE: KEY_FILE,
    }),
  };
  return { folder, path, env };
}

async function valueAt({ env }: Pick<Place, "env">, rest: string): Promise<unknown> {
  const resolved = await createKeepassSource(env).resolve(`keepass://team#${rest}`);
  return resolved.ok ? resolved.value : resolved.error.code;
}

/** All that can be lost of a database: every value of every version of every entry. */
async function everythingIn({ env }: Pick<Place, "env">): Promise<unknown> {
  const loaded = await loadConfiguredKdbx(env, "team");
  if (!loaded.ok) return loaded.error.message;
  return kdbxEntriesOf(loaded.value.kdbx).map(([path, entry]) => [
    path,
    [entry, ...entry.history].map((version) =>
      [...version.fields.keys()].map((name) => [name, fieldValueOf(version, name)]),
    ),
  ]);
}

function values(...pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  return new Map(pairs);
}

describe("createKeepassVault()", () => {
  test("makes an empty database for its owner only, which takes entries, and refuses a file that is there", async () => {
    const place = placeOf();
    expect(await createKeepassVault(place.env, "team")).toEqual(ok({ alias: "team", path: place.path }));
    expect(statSync(place.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(place.folder)).toEqual(["team.kdbx"]);
    expect(await listKeepassItems(place.env, "team")).toEqual(ok([]));
    const loaded = await loadKdbx(readFileSync(place.path), { password: PASSWORD, keyFile: undefined });
    if (typeof loaded === "string") throw new Error(loaded);
    expect(loaded.versionMajor).toBe(4);
    expect(Number(loaded.header.kdfParameters?.get("M"))).toBe(64 * 1024 * 1024);

    const before = readFileSync(place.path);
    expect(await createKeepassVault(place.env, "team")).toMatchObject({ error: { code: "SECRETS_EXISTS" } });
    expect(readFileSync(place.path).equals(before)).toBe(true);
  });

  test.each([
    [
      "no path",
      { LOOM_KEEPASS_DB_TEAM_PATH: "" },
      "SECRETS_PROVIDER_UNAVAILABLE",
      "set LOOM_KEEPASS_DB_TEAM_PATH",
    ],
    ["an empty password", { KP_PASSWORD: "" }, "SECRETS_PROVIDER_UNAVAILABLE", "is not set or empty"],
    [
      "a key file without a key",
      { LOOM_KEEPASS_DB_TEAM_KEYFILE_ENV: "KP_KEY_FILE", KP_KEY_FILE: join(FIXTURES, "entries.xml") },
      "SECRETS_PROVIDER_UNAVAILABLE",
      "leads to no key file",
    ],
    [
      "a folder that is not there",
      { LOOM_KEEPASS_DB_TEAM_PATH: "/nowhere/x.kdbx" },
      "SECRETS_IO",
      "Nothing was changed",
    ],
  ])("makes none with %s, and says what to do", async (_, env, code, words) => {
    const place = placeOf();
    const created = await createKeepassVault({ ...place.env, ...env }, "team");
    expect(created).toMatchObject({ error: { code } });
    expect(created.ok ? "" : created.error.message).toContain(words);
    expect(readdirSync(place.folder)).toEqual([]);
  });
});

describe("updateKeepassVault()", () => {
  test.each(["kdbx3-password.kdbx", "kdbx4-password.kdbx", "kdbx4-key-file.kdbx"])(
    "changes the password of %s and keeps all that is in it",
    async (file) => {
      const place = placeOf(file);
      const before = await everythingIn(place);
      expect(await updateKeepassVault(place.env, "team", { password: "n3w password" })).toEqual(
        ok({ alias: "team", path: place.path }),
      );
      expect(await listKeepassItems(place.env, "team")).toMatchObject({
        error: { code: "SECRETS_PROVIDER_UNAVAILABLE" },
      });
      expect(await everythingIn({ env: { ...place.env, KP_PASSWORD: "n3w password" } })).toEqual(before);
    },
  );

  test("adds a key file, so that the password alone opens it no more", async () => {
    const place = placeOf("kdbx4-password.kdbx");
    expect(await updateKeepassVault(place.env, "team", { keyFilePath: KEY_FILE })).toMatchObject({
      ok: true,
    });
    expect(await valueAt(place, "deploy:Password")).toBe("SECRETS_PROVIDER_UNAVAILABLE");
    const env = { ...place.env, LOOM_KEEPASS_DB_TEAM_KEYFILE_ENV: "KP_KEY_FILE", KP_KEY_FILE: KEY_FILE };
    expect(await valueAt({ env }, "deploy:Password")).toBe("r00t-entry-pass");
  });

  test.each([
    ["a new key file that is not there", { keyFilePath: "/nowhere/x.keyx" }, {}, 'Check "/nowhere/x.keyx"'],
    [
      "a new key file without a key",
      { keyFilePath: join(FIXTURES, "entries.xml") },
      {},
      "no key file of KeePass",
    ],
    ["a wrong password", { password: "n3w password" }, { KP_PASSWORD: "wr0ng" }, "does not open"],
  ])("changes nothing with %s", async (_, change, env, words) => {
    const place = placeOf("kdbx4-password.kdbx");
    const before = readFileSync(place.path);
    const updated = await updateKeepassVault({ ...place.env, ...env }, "team", change);
    expect(updated).toMatchObject({ error: { code: "SECRETS_PROVIDER_UNAVAILABLE" } });
    expect(updated.ok ? "" : updated.error.message).toContain(words);
    expect(readFileSync(place.path).equals(before)).toBe(true);
  });
});

describe("createKeepassItem()", () => {
  test.each(["kdbx3-key-file.kdbx", "kdbx4-password.kdbx"])(
    "makes an entry and its groups in %s, beside what is there",
    async (file) => {
      const place = placeOf(file);
      const before = (await everythingIn(place)) as readonly unknown[];
      const fields = values(["Password", VALUE], ["UserName", VALUE], ["API key", VALUE]);
      expect(await createKeepassItem(place.env, "team", { path: "CI/new/deep/key", values: fields })).toEqual(
        ok(undefined),
      );
      expect(await valueAt(place, "CI/new/deep/key:Password")).toBe(VALUE);
      expect(await valueAt(place, "CI/new/deep/key:UserName")).toBe(VALUE);
      expect(await valueAt(place, "CI/new/deep/key:API key")).toBe(VALUE);
      expect(await everythingIn(place)).toEqual(expect.arrayContaining([...before]));
      const groups = await loadConfiguredKdbx(place.env, "team");
      expect(
        groups.ok && groups.value.kdbx.getDefaultGroup().groups.filter(({ name }) => name === "CI"),
      ).toHaveLength(1);
    },
  );

  test("refuses a path that an entry has, and leaves the file as it is", async () => {
    const place = placeOf("kdbx4-password.kdbx");
    const before = readFileSync(place.path);
    const again = { path: "CI/npm/publish", values: values(["Password", "s3cret-value"]) };
    const created = await createKeepassItem(place.env, "team", again);
    expect(created).toMatchObject({ error: { code: "SECRETS_EXISTS" } });
    expect(JSON.stringify(created)).not.toContain("s3cret-value");
    expect(readFileSync(place.path).equals(before)).toBe(true);
  });

  test.each([
    ["/a", "Password", "x"],
    ["a/", "Password", "x"],
    ["a//b", "Password", "x"],
    ["", "Password", "x"],
    ["a\u0001", "Password", "x"],
    ["a", "Title", "x"],
    ["a", "password", "x"],
    ["a", "a:b", "x"],
    ["a", "", "x"],
    ["a", "Password", ""],
    ["a", "Password", "x\0"],
    ["a", "Password", "x\uD800"],
  ])("refuses the path %j with %j: %j", async (path, field, value) => {
    const place = placeOf("kdbx4-password.kdbx");
    expect(
      await createKeepassItem(place.env, "team", { path, values: values([field, value]) }),
    ).toMatchObject({
      error: { code: "SECRETS_REF_INVALID" },
    });
  });
});

describe("updateKeepassItem()", () => {
  test("changes and adds fields, and keeps what the entry was in its history", async () => {
    const place = placeOf("kdbx4-password.kdbx");
    const change = {
      path: "CI/npm/publish",
      values: values(["Password", "n3w-token"], ["Scope", "write"], ["UserName", "loom-robot"]),
    };
    expect(await updateKeepassItem(place.env, "team", change)).toEqual(
      ok({ added: ["Scope"], changed: ["Password"], same: ["UserName"] }),
    );
    expect(await valueAt(place, "CI/npm/publish:Password")).toBe("n3w-token");
    expect(await valueAt(place, "CI/npm/publish:Plain")).toBe("plain-field-value");
    const loaded = await loadConfiguredKdbx(place.env, "team");
    const entry = loaded.ok
      ? kdbxEntriesOf(loaded.value.kdbx).find(([path]) => path === "CI/npm/publish")?.[1]
      : undefined;
    const kept = entry?.history.at(-1);
    expect(kept && fieldValueOf(kept, "Password")).toBe('npm_k33pass/ü+€ "q"');
    expect(kept?.fields.has("Scope")).toBe(false);
    expect(kept?.uuid.id).toBe(entry?.uuid.id);
    expect(entry?.lastModTime).toBeGreaterThan(kept?.lastModTime ?? Infinity);
  });

  test("keeps as many versions as the database says", async () => {
    const place = placeOf("kdbx4-password.kdbx");
    const loaded = await loadConfiguredKdbx(place.env, "team");
    if (!loaded.ok) throw new Error(loaded.error.message);
    loaded.value.kdbx.meta.historyMaxItems = 2;
    writeFileSync(place.path, new Uint8Array(await loaded.value.kdbx.save()));
    for (const value of ["one", "two", "three", "four"])
      await updateKeepassItem(place.env, "team", { path: "deploy", values: values(["Password", value]) });
    const after = await loadConfiguredKdbx(place.env, "team");
    const entry = after.ok ? kdbxEntriesOf(after.value.kdbx)[0]?.[1] : undefined;
    expect(entry?.history.map((version) => fieldValueOf(version, "Password"))).toEqual(["two", "three"]);
  });

  test("writes nothing when all is as it is to be", async () => {
    const place = placeOf("kdbx4-password.kdbx");
    const before = readFileSync(place.path);
    const change = { path: "CI/npm/publish", values: values(["UserName", "loom-robot"]) };
    expect(await updateKeepassItem(place.env, "team", change)).toEqual(
      ok({ added: [], changed: [], same: ["UserName"] }),
    );
    expect(readFileSync(place.path).equals(before)).toBe(true);
  });

  test.each([
    ["CI/npm/none", "Password", "SECRETS_REF_NOT_FOUND", "Make it with item create"],
    ["CI/twice", "Password", "SECRETS_REF_INVALID", "is ambiguous"],
    ["CI/npm/publish", "api key", "SECRETS_REF_INVALID", 'has no field "api key", but "API key"'],
  ])("refuses %s with %s", async (path, field, code, words) => {
    const place = placeOf("kdbx4-password.kdbx");
    const updated = await updateKeepassItem(place.env, "team", { path, values: values([field, "x-value"]) });
    expect(updated).toMatchObject({ error: { code } });
    expect(updated.ok ? "" : updated.error.message).toContain(words);
  });

  test("keeps the mode of the file, and writes where a link leads", async () => {
    const place = placeOf("kdbx4-password.kdbx");
    chmodSync(place.path, 0o640);
    const link = join(place.folder, "link.kdbx");
    symlinkSync("team.kdbx", link);
    const env = { ...place.env, LOOM_KEEPASS_DB_TEAM_PATH: link };
    const change = { path: "deploy", values: values(["Password", "n3w-value"]) };
    expect(await updateKeepassItem(env, "team", change)).toMatchObject({ ok: true });
    expect(await valueAt(place, "deploy:Password")).toBe("n3w-value");
    expect(statSync(place.path).mode & 0o777).toBe(0o640);
    expect(readdirSync(place.folder).toSorted()).toEqual(["link.kdbx", "team.kdbx"]);
  });
});

test.each(["kdbx3-password.kdbx", "kdbx4-password.kdbx"])(
  "a tab in notes that are not protected stays, over two changes of %s",
  async (file) => {
    const place = placeOf(file);
    const loaded = await loadConfiguredKdbx(place.env, "team");
    if (!loaded.ok) throw new Error(loaded.error.message);
    const [, other] = kdbxEntriesOf(loaded.value.kdbx)[0] ?? [];
    other?.fields.set("Notes", "a\tb\n\t<c> & d\t");
    writeFileSync(place.path, new Uint8Array(await loaded.value.kdbx.save()));
    for (const value of ["one", "two"])
      await updateKeepassItem(place.env, "team", {
        path: "CI/npm/publish",
        values: values(["Password", value]),
      });
    expect(await valueAt(place, "deploy:Notes")).toBe("a\tb\n\t<c> & d\t");
  },
);

describe("replaceKeepassFile()", () => {
  test("leaves what another program saved meanwhile", () => {
    const place = placeOf("kdbx4-password.kdbx");
    const bytes = readFileSync(place.path);
    writeFileSync(place.path, "saved meanwhile");
    const replaced = replaceKeepassFile({ path: place.path, bytes }, Buffer.from("ours"));
    expect(replaced).toMatchObject({ error: { code: "SECRETS_IO" } });
    expect(replaced.ok ? "" : replaced.error.message).toContain("changed it meanwhile");
    expect(readFileSync(place.path, "utf8")).toBe("saved meanwhile");
    expect(readdirSync(place.folder)).toEqual(["team.kdbx"]);
  });

  test("leaves the old file when the new one cannot be written", () => {
    const place = placeOf("kdbx4-password.kdbx");
    const bytes = readFileSync(place.path);
    // The place of the new file is taken.
    mkdirSync(join(place.folder, `.team.kdbx.${process.pid}.tmp`));
    expect(replaceKeepassFile({ path: place.path, bytes }, Buffer.from("ours"))).toMatchObject({
      error: { code: "SECRETS_IO" },
    });
    expect(readFileSync(place.path).equals(bytes)).toBe(true);
  });
});
