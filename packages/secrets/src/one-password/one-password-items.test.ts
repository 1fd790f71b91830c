import { err, ok } from "@loom/core";
import { expect, test } from "vitest";
import type { OnePasswordItemClient, OnePasswordNewItem } from "./one-password-client.ts";
import {
  createOnePasswordItem,
  listOnePasswordItems,
  listOnePasswordVaults,
  type OnePasswordItemOptions,
} from "./one-password-items.ts";

// A client like the SDK's. None of this was tried against the service.
const ENV = { OP_SERVICE_ACCOUNT_TOKEN: "ops_s3rvice-account" };
const VAULTS = [
  { id: "v1", title: "CI" },
  { id: "v2", title: "Twice" },
  { id: "v3", title: "twice" },
  { id: "v4", title: "Café/CI" },
];
const ITEM = { vault: "ci", title: "npm", values: new Map([["password", "s3cret-value"]]) };

/** An account with one item in its first vault, and what was made in it. */
function account(): { readonly options: OnePasswordItemOptions; readonly made: OnePasswordNewItem[] } {
  const made: OnePasswordNewItem[] = [];
  const client: OnePasswordItemClient = {
    vaults: {
      list: async () => VAULTS.map((vault) => ({ ...vault, description: "more than was asked for" })),
    },
    items: {
      list: async (vaultId) => (vaultId === "v1" ? [{ id: "i1", title: "Old", tags: [] }] : []),
      create: async (item) => {
        made.push(item);
        return { id: "i2", title: item.title };
      },
    },
  };
  return { made, options: { connect: async () => client } };
}

function failing(message: string): OnePasswordItemOptions {
  return {
    connect: async () => {
      throw new Error(message);
    },
  };
}

test("listOnePasswordVaults() lists titles and ids", async () => {
  expect(await listOnePasswordVaults(ENV, account().options)).toEqual(ok(VAULTS));
});

test("listOnePasswordItems() lists the items of a vault, by its title or its id", async () => {
  const { options } = account();
  expect(await listOnePasswordItems(ENV, "ci", options)).toEqual(ok([{ id: "i1", title: "Old" }]));
  expect(await listOnePasswordItems(ENV, "v1", options)).toEqual(ok([{ id: "i1", title: "Old" }]));
  expect(await listOnePasswordItems(ENV, "v3", options)).toEqual(ok([]));
});

test("createOnePasswordItem() makes a login, and returns a reference to each field", async () => {
  const { options, made } = account();
  const values = new Map([
    ["password", "s3cret-value"],
    ["username", "robot"],
    ["API key", "an0ther-value"],
  ]);
  expect(await createOnePasswordItem(ENV, { vault: "v1", title: "npm", values }, options)).toEqual(
    ok(
      new Map([
        ["password", "op://CI/npm/password"],
        ["username", "op://CI/npm/username"],
        ["API key", "op://CI/npm/API key"],
      ]),
    ),
  );
  expect(made).toEqual([
    {
      category: "Login",
      vaultId: "v1",
      title: "npm",
      fields: [
        { id: "password", title: "password", fieldType: "Concealed", value: "s3cret-value" },
        { id: "username", title: "username", fieldType: "Text", value: "robot" },
        { id: "API key", title: "API key", fieldType: "Concealed", value: "an0ther-value" },
      ],
    },
  ]);
});

test("createOnePasswordItem() refers by id to what has a name that no reference can have", async () => {
  expect(await createOnePasswordItem(ENV, { ...ITEM, vault: "v4", title: "a/b" }, account().options)).toEqual(
    ok(new Map([["password", "op://v4/i2/password"]])),
  );
});

test.each([
  [{ title: "old" }, "SECRETS_EXISTS", 'has an item "old" already'],
  [{ vault: "none" }, "SECRETS_REF_NOT_FOUND", "loom secrets op vault list"],
  [{ vault: "Twice" }, "SECRETS_REF_INVALID", "2 vaults of that title"],
  [{ title: " " }, "SECRETS_REF_INVALID", "needs a title"],
  [{ values: new Map() }, "SECRETS_REF_INVALID", "needs the value of a field"],
  [{ values: new Map([["a/b", "s3cret-value"]]) }, "SECRETS_REF_INVALID", "cannot be the name of a field"],
  [{ values: new Map([["a", ""]]) }, "SECRETS_REF_INVALID", "is empty"],
  [{ values: new Map([["a", "s3cret-value\0"]]) }, "SECRETS_REF_INVALID", "is not text"],
  [
    {
      values: new Map([
        ["a", "s3cret-value"],
        ["A", "s3cret-value"],
      ]),
    },
    "SECRETS_REF_INVALID",
    "twice",
  ],
])("createOnePasswordItem() refuses %j", async (change, code, words) => {
  const { options, made } = account();
  const created = await createOnePasswordItem(ENV, { ...ITEM, ...change }, options);
  expect(created).toMatchObject({ error: { code } });
  const message = created.ok ? "" : created.error.message;
  expect(message).toContain(words);
  expect(message).not.toContain("s3cret-value");
  expect(made).toEqual([]);
});

test("createOnePasswordItem() says what to do without a token or the SDK", async () => {
  const act = 'Cannot ask 1Password to make the item "npm" in the vault "ci"';
  expect(await createOnePasswordItem({}, ITEM)).toEqual(
    err({
      code: "SECRETS_PROVIDER_UNAVAILABLE",
      message: `${act}: set OP_SERVICE_ACCOUNT_TOKEN to the token of a service account`,
    }),
  );
  expect(await createOnePasswordItem(ENV, ITEM)).toEqual(
    err({
      code: "SECRETS_PROVIDER_UNAVAILABLE",
      message: `${act}: its SDK is not installed. Run npm install @1password/sdk where Loom is installed, with -g when Loom is global`,
    }),
  );
});

test.each([
  [
    "you don't have the right permissions to access this resource",
    "the token of OP_SERVICE_ACCOUNT_TOKEN may not do that",
  ],
  [
    "bad service account token: ops_s3rvice-account",
    "1Password refuses the token: check OP_SERVICE_ACCOUNT_TOKEN",
  ],
  ["something else: ops_s3rvice-account", "the request failed. Check the connection to 1Password"],
])('listOnePasswordVaults() knows what "%s" means', async (said, reason) => {
  expect(await listOnePasswordVaults(ENV, failing(said))).toEqual(
    err({ code: "SECRETS_PROVIDER_UNAVAILABLE", message: `Cannot list the vaults: ${reason}` }),
  );
});
