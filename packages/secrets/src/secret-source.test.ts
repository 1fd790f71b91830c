import { ok } from "@loom/core";
import { expect, test } from "vitest";
import { createEnvSource } from "./env-source.ts";
import { resolveSecret, type SecretSource } from "./secret-source.ts";

const vault: SecretSource = { scheme: "vault+kv", resolve: async (ref) => ok(`value of ${ref}`) };

test("resolveSecret() asks the source that has the scheme", async () => {
  const sources = [createEnvSource({ TOKEN: "hunter22" }), vault];
  expect(await resolveSecret("env://TOKEN", sources)).toEqual(ok("hunter22"));
  expect(await resolveSecret("vault+kv://a/b", sources)).toEqual(ok("value of vault+kv://a/b"));
});

test("resolveSecret() names what is supported when no source has the scheme", async () => {
  expect(await resolveSecret("op://a", [vault])).toMatchObject({
    error: {
      code: "SECRETS_PROVIDER_UNAVAILABLE",
      message: 'Nothing here reads "op://a": only vault+kv:// is supported',
    },
  });
  expect(await resolveSecret("op://a", [])).toMatchObject({
    error: { message: 'Nothing here reads "op://a": no scheme is supported' },
  });
});

test.each(["TOKEN", "env:TOKEN", "env://", "env:// TOKEN", "ENV://TOKEN", "://TOKEN", ""])(
  "resolveSecret() refuses %j, which is no reference",
  async (ref) => {
    expect(await resolveSecret(ref, [createEnvSource({})])).toMatchObject({
      error: { code: "SECRETS_REF_INVALID" },
    });
  },
);

test.each(["env://A-B", "env://1A", "env://A/B", "env://A B", "env://A#x"])(
  "createEnvSource() refuses %j, which names no variable",
  async (ref) => {
    expect(await createEnvSource({}).resolve(ref)).toMatchObject({ error: { code: "SECRETS_REF_INVALID" } });
  },
);

test("createEnvSource() finds nothing where a variable is not set, or empty", async () => {
  const source = createEnvSource({ EMPTY: "" });
  expect(await source.resolve("env://EMPTY")).toMatchObject({
    error: { code: "SECRETS_REF_NOT_FOUND", message: "The environment variable EMPTY is empty" },
  });
  expect(await source.resolve("env://constructor")).toMatchObject({
    error: { code: "SECRETS_REF_NOT_FOUND", message: "The environment variable constructor is not set" },
  });
});
