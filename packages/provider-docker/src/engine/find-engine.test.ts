import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { findEngine } from "./find-engine.ts";

/** A folder of docker's configuration with one context. */
function configWith(context: string, host: string | undefined, current = context): string {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, "config.json"), JSON.stringify({ currentContext: current }));
  const meta = join(folder, "contexts/meta", createHash("sha256").update(context).digest("hex"));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Endpoints: { docker: { Host: host } } }));
  return folder;
}

async function listenAt(path: string): Promise<void> {
  mkdirSync(join(path, ".."), { recursive: true });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
}

describe("findEngine()", () => {
  test.each(["unix:///run/a.sock", "tcp://127.0.0.1:2375", "https://engine.example"])(
    "takes %s from DOCKER_HOST, whatever the context",
    (url) => {
      const env = { DOCKER_HOST: url, DOCKER_CONFIG: configWith("other", "unix:///other.sock") };
      expect(findEngine(env)).toEqual({ ok: true, value: { url, from: "DOCKER_HOST" } });
    },
  );

  test.each(["tcp://", "tcp://[", "ssh://me@host", "unix://relative.sock", "npipe:////./pipe/docker"])(
    "refuses the address %s and says what to use",
    (url) => {
      const found = findEngine({ DOCKER_HOST: url });
      expect(found).toMatchObject({ ok: false, error: { code: "engine_unreachable" } });
      expect(found.ok ? "" : found.error.message).toContain(
        `"${url}" (DOCKER_HOST). Use unix:///path or tcp://host:port`,
      );
    },
  );

  test("takes the context in use, or the one that DOCKER_CONTEXT names", () => {
    const config = configWith("mine", "unix:///mine.sock");
    const mine = { ok: true, value: { url: "unix:///mine.sock", from: "context mine" } };
    expect(findEngine({ DOCKER_CONFIG: config })).toEqual(mine);
    expect(
      findEngine({
        DOCKER_CONFIG: configWith("mine", "unix:///mine.sock", "another"),
        DOCKER_CONTEXT: "mine",
        DOCKER_HOST: "",
      }),
    ).toEqual(mine);
  });

  test.each([
    ["is not there", "gone"],
    ["names no engine", "empty"],
  ])("refuses a context that %s", (_, context) => {
    const env = { DOCKER_CONFIG: configWith("empty", undefined), DOCKER_CONTEXT: context };
    expect(findEngine(env)).toMatchObject({ ok: false, error: { code: "engine_unreachable" } });
  });

  // Where there is one for the whole machine, that comes first.
  test("takes the socket of Docker or Podman that is there, else says where it looked", async () => {
    const runtime = temporaryDirectory();
    const env = { DOCKER_CONFIG: "/nowhere", XDG_RUNTIME_DIR: runtime };
    const before = findEngine(env);
    if (before.ok) return expect(before.value.from).toBe("usual socket");
    expect(before.error.message).toContain(`${runtime}/docker.sock, ${runtime}/podman/podman.sock`);
    const socket = join(runtime, "podman/podman.sock");
    await listenAt(socket);
    expect(findEngine(env)).toEqual({ ok: true, value: { url: `unix://${socket}`, from: "usual socket" } });
  });

  test("takes the socket of Docker Desktop, in the user's folder", async () => {
    const home = temporaryDirectory();
    const env = { DOCKER_CONFIG: "/nowhere", HOME: home };
    const before = findEngine(env);
    if (before.ok) return expect(before.value.from).toBe("usual socket");
    const socket = join(home, ".docker/run/docker.sock");
    expect(before.error.message).toContain(socket);
    await listenAt(socket);
    expect(findEngine(env)).toEqual({ ok: true, value: { url: `unix://${socket}`, from: "usual socket" } });
  });
});
