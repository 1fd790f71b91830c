import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ok } from "@loom/core";
import { expect, test } from "vitest";
import { listKeepassItems, listKeepassVaults } from "./list-keepass.ts";

const FIXTURES = fileURLToPath(new URL("../../test/fixtures/keepass/", import.meta.url));

test("listKeepassVaults() lists what the environment names", () => {
  const env = {
    LOOM_KEEPASS_DB_TEAM_CI_PATH: "/b.kdbx",
    LOOM_KEEPASS_DB_OWN_PATH: "/a.kdbx",
    LOOM_KEEPASS_DB_NONE_PATH: "",
    LOOM_KEEPASS_DB_OTHER_PASSWORD_ENV: "X",
  };
  expect(listKeepassVaults(env)).toEqual([
    { alias: "own", path: "/a.kdbx" },
    { alias: "team_ci", path: "/b.kdbx" },
  ]);
});

test("listKeepassItems() lists paths and names of fields, and no value", async () => {
  const env = {
    LOOM_KEEPASS_DB_TEAM_PATH: join(FIXTURES, "kdbx4-password.kdbx"),
    LOOM_KEEPASS_DB_TEAM_PASSWORD_ENV: "KP_PASSWORD",
    KP_PASSWORD: "fixture password",
  };
  const usual = ["Notes", "Password", "Title", "URL", "UserName"];
  expect(await listKeepassItems(env, "team")).toEqual(
    ok([
      { path: "deploy", fields: usual },
      { path: "CI/a/b: both", fields: usual },
      { path: "CI/twice", fields: usual },
      { path: "CI/twice", fields: usual },
      {
        path: "CI/npm/publish",
        fields: ["API key", "Notes", "Password", "Plain", "Title", "URL", "UserName"],
      },
    ]),
  );
  expect(await listKeepassItems(env, "other")).toMatchObject({
    error: { code: "SECRETS_PROVIDER_UNAVAILABLE" },
  });
});
