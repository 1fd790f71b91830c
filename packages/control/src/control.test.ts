import { err, ok } from "@loom/core";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { temporaryDirectory } from "@loom/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { askRun, followRun, thisRequester } from "./control-client.ts";
import { openControlServer, type ControlledRun, type ControlServer } from "./control-server.ts";
import type { ControlAction, Requester } from "./protocol.ts";

const servers: ControlServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface Asked {
  readonly action: ControlAction;
  readonly by: Requester | undefined;
}

/** A run of three records that refuses to cancel "docs". */
function stubRun(): ControlledRun & { readonly asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    state: () => ({ kind: "loom-run-state", jobs: [] }),
    async *events(from) {
      for (let seq = from; seq <= 3; seq += 1) yield await Promise.resolve({ seq });
    },
    shell: async ({ job_id: job, terminal }) => {
      await Promise.resolve();
      return job === "held"
        ? ok({ command: ["sh"], cwd: "/work", env: {}, terminal })
        : err({ code: "JOB_NOT_HELD", message: "It is not held" });
    },
    act: (action, by) => {
      if (action.request === "cancel_job" && action.job_id === "docs")
        return { code: "JOB_NOT_RUNNING", message: '"docs" is not running' };
      asked.push({ action, by });
      return undefined;
    },
  };
}

async function listening(path: string, run: ControlledRun = stubRun()): Promise<void> {
  const server = await openControlServer(path, run);
  if (!server.ok) throw new Error(server.error);
  servers.push(server.value);
}

function socketPath(): string {
  return join(temporaryDirectory(), "run.sock");
}

/** What comes back for these lines, with nothing of the client between. */
async function said(path: string, lines: string): Promise<readonly unknown[]> {
  const socket = connect(path);
  socket.end(lines);
  const replies: unknown[] = [];
  for await (const line of createInterface({ input: socket })) replies.push(JSON.parse(line));
  return replies;
}

describe("the control channel", () => {
  test("gives the state, and does what it is asked, with who asked", async () => {
    const path = socketPath();
    const run = stubRun();
    await listening(path, run);
    expect(await askRun(path, { request: "state" })).toEqual({
      ok: true,
      value: { state: { kind: "loom-run-state", jobs: [] } },
    });
    const by = thisRequester();
    expect(by).toEqual({ pid: process.pid, user: expect.stringMatching(/./u) as string });
    expect(await askRun(path, { request: "cancel_job", job_id: "unit", by })).toEqual({
      ok: true,
      value: {},
    });
    expect(await askRun(path, { request: "cancel", by })).toEqual({ ok: true, value: {} });
    expect(run.asked).toEqual([
      { action: { request: "cancel_job", job_id: "unit" }, by },
      { action: { request: "cancel" }, by },
    ]);
  });

  test("says which version it speaks and what it can be asked, and refuses what is of another one", async () => {
    const path = socketPath();
    await listening(path);
    expect(await askRun(path, { request: "hello" })).toEqual({
      ok: true,
      value: {
        version: 1,
        requests: [
          "hello",
          "state",
          "events",
          "cancel",
          "cancel_job",
          "play",
          "pause",
          "retry_step",
          "continue",
          "shell",
        ],
      },
    });
    expect(await said(path, '{"request":"cancel","version":2}\n{"request":"hello","version":1}\n')).toEqual([
      {
        ok: false,
        error: { code: "UNSUPPORTED_VERSION", message: "this run speaks version 1 of the protocol" },
      },
      expect.objectContaining({ version: 1 }),
    ]);
  });

  test("says what starts a shell in the place of a job, and why nothing does", async () => {
    const path = socketPath();
    await listening(path);
    expect(await askRun(path, { request: "shell", job_id: "held", terminal: true })).toEqual({
      ok: true,
      value: { shell: { command: ["sh"], cwd: "/work", env: {}, terminal: true } },
    });
    expect(await askRun(path, { request: "shell", job_id: "unit", terminal: false })).toEqual({
      ok: false,
      error: { code: "JOB_NOT_HELD", message: "It is not held" },
    });
    const socket = connect(path);
    socket.write('{"request":"shell","job_id":"held"}\n{"request":"state"}\n');
    const replies: unknown[] = [];
    for await (const line of createInterface({ input: socket }))
      if (replies.push(JSON.parse(line)) === 2) break;
    socket.destroy();
    expect(replies).toMatchObject([{ shell: { terminal: false } }, { state: {} }]);
  });

  test("passes a refusal on", async () => {
    const path = socketPath();
    await listening(path);
    expect(await askRun(path, { request: "cancel_job", job_id: "docs" })).toEqual({
      ok: false,
      error: { code: "JOB_NOT_RUNNING", message: '"docs" is not running' },
    });
  });

  test("gives the records from one on, and ends with the run", async () => {
    const path = socketPath();
    await listening(path);
    const followed = await followRun(path, { from: 2 });
    const lines: string[] = [];
    if (followed.ok) for await (const line of followed.value) lines.push(line);
    expect(lines).toEqual(['{"seq":2}', '{"seq":3}']);
  });

  test("answers several requests of one connection in their order", async () => {
    const path = socketPath();
    await listening(path);
    const replies = await said(
      path,
      '{"request":"state"}\n{"request":"cancel"}\n{"request":"events","from":3}\n',
    );
    expect(replies).toEqual([{ ok: true, state: expect.anything() as object }, { ok: true }, { seq: 3 }]);
  });

  test.each([
    ["no JSON", "state", "a request is one JSON object on a line"],
    [
      "no object",
      "7",
      /^"request" is one of hello, state, events, cancel, cancel_job|^a request is one JSON/u,
    ],
    [
      "nothing known",
      '{"request":"dance"}',
      '"request" is one of hello, state, events, cancel, cancel_job, play, pause, retry_step, continue, shell',
    ],
    ["no job", '{"request":"cancel_job"}', '"job_id" names the job to cancel'],
    ["no job to try again", '{"request":"retry_step"}', '"job_id" names the job to try again'],
    [
      "no time to hold",
      '{"request":"pause","timeout_ms":0}',
      '"timeout_ms" is a whole number from 1 to 2147483647',
    ],
    ["no job to look at", '{"request":"shell"}', '"job_id" names the job to look at'],
    [
      "no word about a terminal",
      '{"request":"shell","job_id":"a","terminal":1}',
      '"terminal" is true or false',
    ],
    ["no job to run", '{"request":"play","job_id":1}', '"job_id" names the job to run'],
    ["no place to begin", '{"request":"events","from":0}', '"from" is a whole number of 1 or more'],
  ])("refuses a request that is %s", async (_what, line, message) => {
    const path = socketPath();
    await listening(path);
    const expected = typeof message === "string" ? message : (expect.stringMatching(message) as string);
    expect(await said(path, `${line}\n`)).toEqual([
      { ok: false, error: { code: "BAD_REQUEST", message: expected } },
    ]);
  });

  test("ends a conversation whose request never ends", async () => {
    const path = socketPath();
    await listening(path);
    expect(await said(path, "x".repeat(70_000))).toMatchObject([
      { ok: false, error: { code: "BAD_REQUEST" } },
    ]);
  });

  test("says that a request failed, and goes on", async () => {
    const path = socketPath();
    let isBroken = true;
    await listening(path, {
      ...stubRun(),
      state: () => {
        if (isBroken) throw new Error("broken");
        return {};
      },
    });
    expect(await askRun(path, { request: "state" })).toMatchObject({
      ok: false,
      error: { code: "REQUEST_FAILED", message: "the request failed: broken" },
    });
    isBroken = false;
    expect(await askRun(path, { request: "state" })).toEqual({ ok: true, value: { state: {} } });
  });

  test("waits for a run that has just begun, when it is told to", async () => {
    const path = socketPath();
    const asked = askRun(path, { request: "state" }, { waitMs: 5000 });
    await new Promise((resolve) => void setTimeout(resolve, 50));
    await listening(path);
    expect(await asked).toMatchObject({ ok: true });
  });

  test("is open to its owner alone, and is gone when it is closed", async () => {
    const path = socketPath();
    await listening(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await servers.pop()?.close();
    expect(existsSync(path)).toBe(false);
    expect(await askRun(path, { request: "state" })).toMatchObject({ error: { code: "RUN_UNREACHABLE" } });
  });

  test("gives a follower the last records when it is closed", async () => {
    const path = socketPath();
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    await listening(path, {
      ...stubRun(),
      async *events() {
        yield { seq: 1 };
        await ended;
        yield { seq: 2 };
      },
    });
    const followed = await followRun(path);
    const lines: string[] = [];
    let closed: Promise<void> | undefined;
    if (!followed.ok) throw new Error(followed.error.message);
    for await (const line of followed.value) {
      lines.push(line);
      closed ??= servers.pop()?.close();
      end();
    }
    await closed;
    expect(lines).toEqual(['{"seq":1}', '{"seq":2}']);
  });

  test("ends the conversations that go on when it is closed", async () => {
    const path = socketPath();
    await listening(path, {
      ...stubRun(),
      async *events(_from, signal) {
        yield { seq: 1 };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    });
    const followed = await followRun(path);
    const lines: string[] = [];
    if (!followed.ok) throw new Error(followed.error.message);
    for await (const line of followed.value) {
      lines.push(line);
      await servers.pop()?.close();
    }
    expect(lines).toEqual(['{"seq":1}']);
  });

  test("takes the place of a socket that a killed run left", async () => {
    const path = socketPath();
    const script =
      "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 9))";
    spawnSync(process.execPath, ["-e", script, path]);
    expect(statSync(path).isSocket()).toBe(true);
    expect(await askRun(path, { request: "state" })).toMatchObject({ error: { code: "RUN_UNREACHABLE" } });
    await listening(path);
    expect(await askRun(path, { request: "state" })).toMatchObject({ ok: true });
  });

  test("works below a folder whose name is longer than a socket may have", async () => {
    const folder = join(temporaryDirectory(), "a".repeat(90), "b".repeat(90));
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "run.sock");
    await listening(path);
    expect(await askRun(path, { request: "state" })).toMatchObject({ ok: true });
    await servers.pop()?.close();
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ["there is nothing", () => undefined],
    ["there is a file", (path: string) => writeFileSync(path, "")],
    ["there is a link", (path: string) => symlinkSync("/tmp", path)],
  ])("cannot be reached where %s", async (_what, put) => {
    const path = socketPath();
    put(path);
    expect(await askRun(path, { request: "state" })).toMatchObject({
      ok: false,
      error: { code: "RUN_UNREACHABLE" },
    });
  });

  test("is closed although its socket cannot be removed", async () => {
    const folder = join(temporaryDirectory(), "active");
    mkdirSync(folder);
    await listening(join(folder, "run.sock"));
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
    await expect(servers.pop()?.close()).resolves.toBeUndefined();
  });

  test("says why nobody can ask", async () => {
    const opened = await openControlServer(join(temporaryDirectory(), "nowhere", "run.sock"), stubRun());
    expect(opened).toEqual({ ok: false, error: expect.stringMatching(/\(E[A-Z]+\)$/u) as string });
  });
});
