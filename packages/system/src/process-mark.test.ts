import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { currentProcess, isElsewhere, processMarkOf, processState, readLook } from "./process-mark.ts";

const onLinux = process.platform === "linux";
const isRoot = process.getuid?.() === 0;
const mark = currentProcess();

/** Asks a process that is started in another place of the machine what it makes of a mark. */
function askedIn(command: readonly string[], about: object): string {
  const script = `import { processState } from ${JSON.stringify(import.meta.resolve("./process-mark.ts"))};
console.log(processState(JSON.parse(process.argv[1])));`;
  const node = [
    process.execPath,
    "--conditions=@loom/source",
    "--input-type=module",
    "-e",
    script,
    JSON.stringify(about),
  ];
  const [program = "", ...args] = [...command, ...node];
  const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 20_000 });
  return stdout.trim() === "" ? stderr : stdout.trim();
}

describe("processState()", () => {
  test("knows this process, one that ended, and another one of the same number", async () => {
    expect(processState(mark)).toBe("alive");
    const another = onLinux ? "1" : "Thu Jan  1 00:00:00 1970";
    expect(processState({ ...mark, started: another })).toBe("dead");
    const child = spawn("true");
    const { pid = 0 } = child;
    await once(child, "exit");
    expect(processState({ ...mark, pid })).toBe("dead");
  });

  test("takes everything for dead that ran before the machine was started anew", () => {
    expect(processState({ ...mark, machine: "another" })).toBe(onLinux ? "dead" : "alive");
  });

  test("knows the same without /proc, by ps", async () => {
    const byPs = currentProcess("ps");
    expect(byPs.started).toMatch(/^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
    expect(processState(byPs, "ps")).toBe("alive");
    expect(processState({ ...byPs, started: "Thu Jan  1 00:00:00 1970" }, "ps")).toBe("dead");
    const child = spawn("true");
    const { pid = 0 } = child;
    await once(child, "exit");
    expect(processState({ ...byPs, pid }, "ps")).toBe("dead");
  });

  test.runIf(onLinux)("does not take a process for dead that noted its start in the other way", () => {
    expect(processState(mark, "ps")).toBe("unknown");
    expect(processState(currentProcess("ps"), "proc")).toBe("unknown");
  });

  test("does not know of another machine, another numbering, another clock, or a start nobody told", () => {
    expect(processState({ ...mark, host: "another" })).toBe("unknown");
    expect(processState({ ...mark, started: "" })).toBe("unknown");
    if (!onLinux) return;
    expect(processState({ ...mark, clock: "time:[1]" })).toBe("unknown");
  });

  test.runIf(onLinux && isRoot)("is never sure from a place that cannot see the process (needs root)", () => {
    const unshare = (...flags: string[]): string[] => ["unshare", ...flags];
    expect(askedIn(unshare("-pf", "--mount-proc"), mark)).toBe("unknown");
    expect(askedIn(unshare("-T", "--boottime", "1000"), mark)).toBe("unknown");
    expect(askedIn(unshare("-m", "sh", "-c", 'umount -l /proc && exec "$@"', "sh"), mark)).toBe("unknown");
  });
});

describe("isElsewhere()", () => {
  const mac = { host: "mac.local", machine: "8F1D", numbering: "", clock: "" };

  test("is true for another name, unless the start of the machine is the same, and it has no containers", () => {
    expect(isElsewhere(mac, mac)).toBe(false);
    expect(isElsewhere(mac, { ...mac, host: "mac.lan" })).toBe(false);
    expect(isElsewhere(mac, { ...mac, host: "mac.lan", machine: "A00B" })).toBe(true);
    expect(isElsewhere({ ...mac, machine: "" }, { ...mac, host: "mac.lan", machine: "" })).toBe(true);
    expect(isElsewhere({ ...mac, numbering: "pid:[1]" }, { ...mac, host: "mac.lan" })).toBe(true);
  });
});

// What ps of macOS answers, from its manual and from memory.
test("readLook() knows one that runs, one that was only not waited for, and no answer", () => {
  expect(readLook("Ss   Sun Nov 30 02:28:00 2025    \n")).toEqual({
    kind: "runs",
    started: "Sun Nov 30 02:28:00 2025",
  });
  expect(readLook("Z    Sun Nov 30 02:28:00 2025\n")).toEqual({ kind: "gone" });
  expect(readLook("\n")).toEqual({ kind: "unknown" });
  expect(readLook(undefined)).toEqual({ kind: "unknown" });
});

describe("processMarkOf()", () => {
  test("reads a mark back, with what else is noted beside it", () => {
    expect(processMarkOf(JSON.parse(JSON.stringify({ ...mark, state: "making" })))).toEqual(mark);
  });

  test("knows nothing where no process is named, and of a process only what is", () => {
    for (const json of [undefined, null, 1, "1", [], {}, { pid: "1" }, { pid: 1.5 }])
      expect(processMarkOf(json)).toBeUndefined();
    const named = { pid: 7, started: "", host: "", machine: "", numbering: "", clock: "" };
    expect(processMarkOf({ pid: 7, started: 4711 })).toEqual(named);
  });
});
