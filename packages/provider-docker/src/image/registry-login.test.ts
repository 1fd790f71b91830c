import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { registryLogin, registryLogins, registryOf } from "./registry-login.ts";

const basic = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString("base64") });

/** The environment of a user whose docker has this configuration, and one helper that knows `known.example`. */
function userOf(config: object | string): { readonly [name: string]: string } {
  const folder = mkdtempSync(join(tmpdir(), "loom-login-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  const helper = join(folder, "docker-credential-test");
  writeFileSync(
    helper,
    `#!/bin/sh
case $(cat) in
  known.example) echo '{"ServerURL":"x","Username":"ann","Secret":"of the helper"}';;
  token.example) echo '{"Username":"<token>","Secret":"a token"}';;
  odd.example) echo 'no JSON';;
  *) echo "credentials not found"; exit 1;;
esac
`,
  );
  chmodSync(helper, 0o755);
  return { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
}

test.each([
  ["busybox", "https://index.docker.io/v1/"],
  ["library/busybox:1", "https://index.docker.io/v1/"],
  ["docker.io/library/busybox", "https://index.docker.io/v1/"],
  ["ghcr.io/a/b@sha256:0", "ghcr.io"],
  ["localhost/a", "localhost"],
  ["registry:5000/a/b:1", "registry:5000"],
])("the registry of %s is %s", (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

test.each<[string, object | string, string, object | undefined]>([
  [
    "in the configuration",
    { auths: { "a.example": basic("ann:s:3") } },
    "a.example/x",
    { username: "ann", password: "s:3" },
  ],
  [
    "under an address",
    { auths: { "https://a.example": basic("ann:s") } },
    "a.example/x",
    { username: "ann" },
  ],
  [
    "for Docker Hub",
    { auths: { "https://index.docker.io/v1/": basic("ann:s") } },
    "busybox",
    { username: "ann" },
  ],
  ["as a token", { auths: { "a.example": { identitytoken: "t" } } }, "a.example/x", { identitytoken: "t" }],
  ["of another registry", { auths: { "b.example": basic("ann:s") } }, "a.example/x", undefined],
  ["without a password", { auths: { "a.example": { auth: "" } } }, "a.example/x", undefined],
  ["without a colon", { auths: { "a.example": basic("ann") } }, "a.example/x", undefined],
  [
    "in a helper of the registry",
    { credHelpers: { "known.example": "test" } },
    "known.example/x",
    { password: "of the helper" },
  ],
  ["in a helper of all", { credsStore: "test" }, "known.example/x", { username: "ann" }],
  ["in a helper, as a token", { credsStore: "test" }, "token.example/x", { identitytoken: "a token" }],
  ["in a helper that answers oddly", { credsStore: "test" }, "odd.example/x", undefined],
  ["in a helper that is not there", { credsStore: "missing" }, "known.example/x", undefined],
  [
    "unknown to the helper",
    { credsStore: "test", auths: { "a.example": basic("ann:s") } },
    "a.example/x",
    { username: "ann" },
  ],
  ["in a file that is no JSON", "{", "a.example/x", undefined],
])("a login %s", async (_, config, image, expected) => {
  const login = await registryLogin(image, userOf(config));
  if (expected === undefined) expect(login).toBeUndefined();
  else expect(login).toMatchObject({ ...expected, serveraddress: registryOf(image) });
});

test("nobody who has never used docker has a login", async () => {
  expect(await registryLogin("a.example/x", { DOCKER_CONFIG: "/nowhere" })).toBeUndefined();
});

test("a build gets every login that is known by its registry", async () => {
  const auths = { "a.example": basic("ann:s"), "b.example": {} };
  const logins = await registryLogins(userOf({ auths, credHelpers: { "known.example": "test" } }));
  expect(logins).toMatchObject({
    "a.example": { username: "ann" },
    "known.example": { password: "of the helper" },
  });
  expect(Object.keys(logins)).toEqual(["a.example", "known.example"]);
  expect(await registryLogins({ DOCKER_CONFIG: "/nowhere" })).toEqual({});
});
