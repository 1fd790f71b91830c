import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readProcessStat } from "@loom/system";
import { expect, onTestFinished, test, vi } from "vitest";
import { findShell } from "../find-shell.ts";
import { LauncherPool } from "./launcher-pool.ts";
import { Launcher, type LaunchRequest, type StartedProcess } from "./launcher.ts";

const PERL = findShell("perl", process.env["PATH"]);
const perl = PERL.ok ? PERL.value : "";
const ENV = { PATH: "/usr/bin:/bin", A: "1", B: "ä ö" };

/** For as long as a busy machine may take. */
const PATIENT = { timeout: 20_000 };

/** Signals that stop a process or do nothing. */
const HARMLESS: ReadonlySet<string> = new Set([
  "SIGSTOP",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGCHLD",
  "SIGCONT",
  "SIGURG",
  "SIGWINCH",
]);

interface Place {
  readonly folder: string;
  readonly request: (script: string, changes?: Partial<LaunchRequest>) => LaunchRequest;
  readonly stdout: () => string;
}

function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), "loom-launcher-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [out, err] = [join(folder, "out"), join(folder, "err")];
  writeFileSync(out, "");
  writeFileSync(err, "");
  return {
    folder,
    request: (script, changes) => ({
      program: "/bin/sh",
      args: ["-c", script],
      cwd: folder,
      env: ENV,
      outputs: [out, err],
      group: "",
      ...changes,
    }),
    stdout: () => readFileSync(out, "utf8"),
  };
}

async function openLauncher(): Promise<Launcher> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const launcher = new Launcher(perl, ENV, resolve);
  onTestFinished(async () => await launcher.close());
  expect(await promise).toBe(true);
  return launcher;
}

async function launch(launcher: Launcher, request: LaunchRequest): Promise<StartedProcess> {
  const started = await launcher.launch(request);
  if (started === undefined || started instanceof Error) throw started ?? new Error("It came to no process");
  return started;
}

test.runIf(PERL.ok)("a launched process is as one that Node starts, to the last signal", async () => {
  const place = makePlace();
  const script = [
    "env | sort",
    "pwd",
    "readlink /proc/self/fd/0",
    "ls /proc/self/fd",
    "grep -E '^(Sig|Shd)(Ign|Blk|Pnd|Cgt)' /proc/self/status",
    "umask",
  ].join("; ");
  const launcher = await openLauncher();
  const request = place.request(script, { env: { ...ENV, C: "three\nlines\n", A: "", PERL5OPT: "-MNone" } });
  const { pid, ended } = await launch(launcher, request);
  expect(await ended).toEqual({ kind: "exited", exitCode: 0 });
  expect(pid).toBeGreaterThan(1);
  const { program, args, cwd, env } = request;
  const { stdout } = spawnSync(program, args, {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(place.stdout()).toBe(stdout);
});

test.runIf(PERL.ok).each([
  ["exit 0", { kind: "exited", exitCode: 0 }],
  ["exit 255", { kind: "exited", exitCode: 255 }],
  // What a shell says of a signal is not one.
  ["exit 137", { kind: "exited", exitCode: 137 }],
  ["kill -KILL $$", { kind: "signaled", signal: "SIGKILL" }],
  ["kill -PIPE $$", { kind: "signaled", signal: "SIGPIPE" }],
  ["kill -40 $$", { kind: "exited", exitCode: 168 }],
])("tells how %j ends", async (script, end) => {
  const place = makePlace();
  const launcher = await openLauncher();
  const { ended } = await launch(launcher, place.request(script));
  expect(await ended).toEqual(end);
});

test.runIf(PERL.ok)("names each signal that ends a process as Node does", async () => {
  const place = makePlace();
  const launcher = await openLauncher();
  const launched: string[] = [];
  const spawned: string[] = [];
  for (const [name, number] of Object.entries(constants.signals)) {
    if (HARMLESS.has(name)) continue;
    const script = `kill -${number} $$`;
    spawned.push(String(spawnSync("/bin/sh", ["-c", script]).signal));
    const end = await (await launch(launcher, place.request(script))).ended;
    launched.push(end.kind === "signaled" ? end.signal : end.kind);
  }
  expect(launched.length).toBeGreaterThan(20);
  expect(launched).toEqual(spawned);
});

test.runIf(PERL.ok)("starts one process after the other, whatever was refused between them", async () => {
  const place = makePlace();
  const launcher = await openLauncher();
  const refused = async (changes: Partial<LaunchRequest>): Promise<unknown> =>
    await launcher.launch(place.request(":", changes));
  expect(await refused({ program: "/no/such" })).toMatchObject({ code: "ENOENT" });
  expect(await refused({ cwd: "/no/such" })).toMatchObject({ code: "ENOENT" });
  expect(await refused({ program: "/etc/passwd" })).toMatchObject({ code: "EACCES" });
  expect(await refused({ outputs: ["/no/such", "/dev/null"] })).toBeUndefined();
  expect(await refused({ env: { ...ENV, LONG: "x".repeat(4_000_000) } })).toMatchObject({ code: "E2BIG" });
  for (const word of ["one", "two", "three"]) {
    const { ended } = await launch(launcher, place.request(`echo ${word}`));
    await ended;
    expect(place.stdout()).toBe(`${word}\n`);
    writeFileSync(join(place.folder, "out"), "");
  }
});

test.runIf(PERL.ok)("does not take what it would start in another way", async () => {
  const launcher = await openLauncher();
  const { request } = makePlace();
  const { A: _gone, ...less } = ENV;
  expect(await launcher.launch(request(":", { env: less }))).toBeUndefined();
  expect(await launcher.launch(request("a\0b"))).toBeUndefined();
  expect(await launcher.launch(request(":", { env: { ...ENV, N: "\0" } }))).toBeUndefined();
  await (
    await launch(launcher, request(":"))
  ).ended;
  await launcher.close();
  expect(await launcher.launch(request(":"))).toBeUndefined();
});

test.runIf(PERL.ok)("ends what it started when it is killed, and says so", async () => {
  const place = makePlace();
  const launcher = await openLauncher();
  const { pid, ended } = await launch(launcher, place.request("sleep 1000"));
  process.kill(readProcessStat(pid)?.parent ?? 0, "SIGKILL");
  expect(await ended).toEqual({ kind: "signaled", signal: "SIGKILL" });
  await vi.waitFor(() => expect(readProcessStat(pid)?.dead ?? true).toBe(true), PATIENT);
  expect(await launcher.launch(place.request(":"))).toBeUndefined();
});

test.runIf(PERL.ok)("is killed at the end if it does not end by itself", async () => {
  const place = makePlace();
  const launcher = await openLauncher();
  const { pid, ended } = await launch(launcher, place.request("sleep 0.2"));
  const own = readProcessStat(pid)?.parent ?? 0;
  await ended;
  process.kill(own, "SIGSTOP");
  await launcher.close();
  await vi.waitFor(() => expect(readProcessStat(own)?.dead ?? true).toBe(true), PATIENT);
});

test.runIf(PERL.ok)("ends with the program that it starts processes for", async () => {
  const launcher = fileURLToPath(new URL("launcher.ts", import.meta.url));
  const program = `
    const { Launcher } = await import(${JSON.stringify(launcher)});
    const launcher = new Launcher(${JSON.stringify(perl)}, {}, async () => {
      const { pid } = await launcher.launch({ program: "/bin/sh", args: ["-c", "sleep 0.2"], cwd: "/", env: {},
        outputs: ["/dev/null", "/dev/null"], group: "" });
      console.log(pid);
    });
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--conditions=@loom/source", "--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  const parent = readProcessStat(Number(text.toString()))?.parent ?? 0;
  expect(readFileSync(`/proc/${parent}/cmdline`, "utf8")).toContain("perl");
  child.kill("SIGKILL");
  await vi.waitFor(() => expect(readProcessStat(parent)?.dead ?? true).toBe(true), PATIENT);
});

test.runIf(PERL.ok)("a pool has as many as there are steps at a time, after some steps without", async () => {
  const pool = new LauncherPool({ PATH: process.env["PATH"] }, 2);
  expect([pool.take(), pool.take(), pool.take()]).toEqual([undefined, undefined, undefined]);
  const first = await vi.waitFor(() => pool.take() ?? Promise.reject(new Error("none yet")), PATIENT);
  const second = await vi.waitFor(() => pool.take() ?? Promise.reject(new Error("none yet")), PATIENT);
  expect(first).not.toBe(second);
  // It comes back when what it launched has ended, and also when it launched nothing.
  const { request } = makePlace();
  await (
    await launch(first, request(":"))
  ).ended;
  expect(pool.take()).toBe(first);
  expect(await first.launch(request("\0"))).toBeUndefined();
  expect(pool.take()).toBe(first);
  await pool.close();
  expect(pool.take()).toBeUndefined();
});

test("a pool without perl has none, and looks for it once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loom-launcher-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const broken = new LauncherPool({ PATH: folder }, 0);
  await broken.warm();
  expect(broken.take()).toBeUndefined();
  // One that is not Perl: it says nothing.
  writeFileSync(join(folder, "perl"), "#!/bin/sh\nexit 2\n", { mode: 0o755 });
  const other = new LauncherPool({ PATH: folder }, 0);
  await other.warm();
  expect(other.take()).toBeUndefined();
  await other.close();
  expect(existsSync(folder)).toBe(true);
});
