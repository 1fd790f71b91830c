import { ok } from "@loom/core";
import { expect, test } from "vitest";
import type { OnePasswordClient } from "./one-password-client.ts";
import { createOnePasswordSource } from "./one-password-source.ts";

// A client like the SDK's. None of this was tried against the service.
const ENV = { OP_SERVICE_ACCOUNT_TOKEN: "ops_s3rvice-account" };
const REF = "op://ci/npm/token";

function clientOf(resolve: (ref: string) => Promise<string>): OnePasswordClient {
  return { secrets: { resolve } };
}

async function failing(message: string): Promise<{ readonly code?: string; readonly message?: string }> {
  const connect = async (): Promise<OnePasswordClient> =>
    clientOf(async () => {
      throw new Error(message);
    });
  const resolved = await createOnePasswordSource(ENV, { connect }).resolve(REF);
  return resolved.ok ? {} : resolved.error;
}

test.each([REF, "op://ci/npm/section/token", "op://my vault/npm/one-time password?attribute=otp"])(
  "createOnePasswordSource() asks for %s, as it is written",
  async (ref) => {
    const connect = async (token: string): Promise<OnePasswordClient> =>
      clientOf(async (asked) => `${asked} with ${token}`);
    const source = createOnePasswordSource(ENV, { connect });
    expect(await source.resolve(ref)).toEqual(ok(`${ref} with ops_s3rvice-account`));
  },
);

test("createOnePasswordSource() connects once, and again after a failure", async () => {
  let connections = 0;
  const connect = async (): Promise<OnePasswordClient> => {
    connections += 1;
    if (connections === 1) throw new Error("request timeout");
    return clientOf(async (ref) => ref);
  };
  const source = createOnePasswordSource(ENV, { connect });
  expect(await source.resolve(REF)).toMatchObject({ error: { code: "SECRETS_PROVIDER_UNAVAILABLE" } });
  await Promise.all([source.resolve(REF), source.resolve(REF)]);
  expect(connections).toBe(2);
});

test.each([
  "op://ci",
  "op://ci/npm",
  "op://ci//token",
  "op://ci/npm/a/b/c",
  "op:///npm/token",
  "op://ci/npm/",
])("createOnePasswordSource() refuses %s, which is malformed", async (ref) => {
  expect(await createOnePasswordSource(ENV).resolve(ref)).toMatchObject({
    error: { code: "SECRETS_REF_INVALID" },
  });
});

test.each([{}, { OP_SERVICE_ACCOUNT_TOKEN: "" }])("createOnePasswordSource() needs a token", async (env) => {
  expect(await createOnePasswordSource(env).resolve(REF)).toMatchObject({
    error: {
      code: "SECRETS_PROVIDER_UNAVAILABLE",
      message: `Cannot ask 1Password for ${REF}: set OP_SERVICE_ACCOUNT_TOKEN to the token of a service account`,
    },
  });
});

test("createOnePasswordSource() says how to get the SDK, which is not installed here", async () => {
  const resolved = await createOnePasswordSource(ENV).resolve(REF);
  expect(resolved).toMatchObject({
    error: {
      code: "SECRETS_PROVIDER_UNAVAILABLE",
      message: `Cannot ask 1Password for ${REF}: its SDK is not installed. Run npm install @1password/sdk where Loom is installed, with -g when Loom is global`,
    },
  });
});

// The words of @1password/sdk-core 0.5.0.
test.each([
  ["no vault matched the secret reference query", "SECRETS_REF_NOT_FOUND"],
  ["no item matched the secret reference query", "SECRETS_REF_NOT_FOUND"],
  ["no section matched the secret reference", "SECRETS_REF_NOT_FOUND"],
  ["the specified field cannot be found within the item", "SECRETS_REF_NOT_FOUND"],
  ["more than one item matched the secret reference query", "SECRETS_REF_INVALID"],
  [
    "the secret reference could not be parsed: secret reference has invalid query parameter key",
    "SECRETS_REF_INVALID",
  ],
  ["you are not authenticated", "SECRETS_PROVIDER_UNAVAILABLE"],
  ["you don't have the right permissions to access this resource", "SECRETS_PROVIDER_UNAVAILABLE"],
  ["rate limit exceeded", "SECRETS_PROVIDER_UNAVAILABLE"],
  ["bad service account token, please rotate it: ops_s3rvice-account", "SECRETS_PROVIDER_UNAVAILABLE"],
  ["something else: ops_s3rvice-account", "SECRETS_PROVIDER_UNAVAILABLE"],
])('createOnePasswordSource() knows what "%s" means', async (said, code) => {
  const error = await failing(`error resolving secret reference: ${said}`);
  expect(error).toMatchObject({ code });
  expect(error.message).toMatch(/^Cannot get op:\/\/ci\/npm\/token: /u);
  expect(error.message).not.toContain("ops_s3rvice-account");
});

test("createOnePasswordSource() finds nothing where a value is empty", async () => {
  const connect = async (): Promise<OnePasswordClient> => clientOf(async () => "");
  expect(await createOnePasswordSource(ENV, { connect }).resolve(REF)).toMatchObject({
    error: { code: "SECRETS_REF_NOT_FOUND" },
  });
});

test("keysOf() names the token", () => {
  expect(createOnePasswordSource(ENV).keysOf?.(REF)).toEqual([
    ["OP_SERVICE_ACCOUNT_TOKEN", "ops_s3rvice-account"],
  ]);
  expect(createOnePasswordSource({}).keysOf?.(REF)).toEqual([]);
});
