import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseEngine } from "./choose-engine.ts";

/** A project with this configuration. */
function placeOf(config?: string, env: Record<string, string> = {}) {
  const repoRoot = mkdtempSync(join(tmpdir(), "loom-engine-"));
  mkdirSync(join(repoRoot, ".loom"));
  if (config !== undefined) writeFileSync(join(repoRoot, ".loom/config.yml"), config);
  return { repoRoot, env: { XDG_CONFIG_HOME: join(repoRoot, "none"), ...env } };
}

const CONFIG = `engine:
  url: nats://one, nats://two:4333
  user: ada
  credentials_file: /etc/loom.creds
  ca_file: /etc/ca.pem
  replicas: 3
  inbox_prefix: _INBOX.ada
  forward_secrets: true
  lease: 1m30s
`;

test("chooseEngine() takes the flag before the variable before the configuration", async () => {
  const env = { LOOM_ENGINE: "nats://variable" };
  const servers = async (...given: Parameters<typeof chooseEngine>): Promise<unknown> => {
    const chosen = await chooseEngine(...given);
    return chosen.ok && chosen.value?.servers;
  };
  expect(await servers("flag:4222", placeOf(CONFIG, env))).toEqual(["nats://flag:4222"]);
  expect(await servers(undefined, placeOf(CONFIG, env))).toEqual(["nats://variable"]);
  expect(await servers(undefined, placeOf(CONFIG))).toEqual(["nats://one", "nats://two:4333"]);
  expect(await chooseEngine(undefined, placeOf())).toEqual({ ok: true, value: undefined });
});

test("chooseEngine() finds what lets somebody in", async () => {
  const auth = async (...given: Parameters<typeof chooseEngine>): Promise<unknown> => {
    const chosen = await chooseEngine(...given);
    return chosen.ok && chosen.value?.auth;
  };
  expect(await auth("nats://ada:p%40ss@host", placeOf())).toEqual({ user: "ada", password: "p@ss" });
  expect(await auth(undefined, placeOf(CONFIG))).toEqual({ credentialsFile: "/etc/loom.creds" });
  const withPassword = { LOOM_ENGINE_PASSWORD: "secret" };
  expect(await auth(undefined, placeOf(CONFIG, withPassword))).toEqual({ user: "ada", password: "secret" });
  const withToken = { ...withPassword, LOOM_ENGINE_TOKEN: "t" };
  expect(await auth(undefined, placeOf(CONFIG, withToken))).toEqual({ token: "t" });
  expect(await chooseEngine(undefined, placeOf(CONFIG))).toMatchObject({
    value: {
      tls: { caFile: "/etc/ca.pem" },
      replicas: 3,
      inboxPrefix: "_INBOX.ada",
      forwardSecrets: true,
      silentAfterMs: 90_000,
      leaseTtlMs: 90_000,
    },
  });
});

test.each(["soon", "500ms", "597h"])("chooseEngine() takes no lease of %s", async (lease) => {
  const place = placeOf(`engine:\n  url: nats://one\n  lease: ${lease}\n`);
  const message = `Cannot use the configuration "${join(place.repoRoot, ".loom/config.yml")}": engine.lease: give a duration of 1s or more such as 30s`;
  expect(await chooseEngine(undefined, place)).toEqual({
    ok: false,
    error: { code: "CONFIG_INVALID", message },
  });
});

test("chooseEngine() says what an address must be, without what stands in it for a password", async () => {
  const message =
    '--engine cannot be "http://host": give nats://HOST or nats://HOST:PORT, or several with commas';
  expect(await chooseEngine("http://ada:secret@host", placeOf())).toEqual({
    ok: false,
    error: { code: "CONFIG_INVALID", message },
  });
  expect(await chooseEngine("nats://", placeOf())).toMatchObject({ ok: false });
  expect(await chooseEngine(undefined, placeOf("engine:\n  adress: x\n"))).toMatchObject({ ok: false });
  expect(await chooseEngine(undefined, placeOf("engine:\n  inbox_prefix: _INBOX.>\n"))).toMatchObject({
    ok: false,
    error: { code: "CONFIG_INVALID" },
  });
});
