import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CLEAN, makePlace, type Place } from "./aftermath.ts";

const isRoot = process.platform === "linux" && process.getuid?.() === 0;

const WORKFLOW = `version: v1
stages: [a]
one: {stage: a, script: ["seq 1 5000", "echo done"]}
two: {stage: a, script: ["echo two"]}
`;

/** Runs the command that follows below a script of the shell; `$@` is the command. */
function shell(script: string): readonly string[] {
  return ["sh", "-c", script, "sh"];
}

/** The same in a mount namespace of its own, where a mount is gone when the command is. */
function inNamespace(script: string): readonly string[] {
  return ["unshare", "-m", ...shell(script)];
}

/** What leads from the receipt on leads to files that are there. */
function brokenPointers(place: Place): string[] {
  const { receipt, directory, pipelineSummary, pipelineManifest } = place.lastRun();
  const inside = [
    pipelineSummary.manifest_path,
    ...pipelineManifest.jobs.flatMap((job) => [job.summary_path, job.manifest_path, job.events_path]),
  ].map((path) => join(directory, path));
  return [receipt.events_jsonl_path, receipt.phase_report_path, ...inside].filter(
    (path) => !existsSync(path),
  );
}

describe.runIf(process.platform === "linux")("a run that may open few files", () => {
  test.each([22, 23, 24, 30, 40, 60])(
    "%i of them, succeeds or says what it lacked, and leaves nothing behind",
    (limit) => {
      const place = makePlace(WORKFLOW);
      const { exitCode, stdout, stderr } = place.under(shell(`ulimit -n ${limit}; exec "$@"`), [
        "run",
        "--no-tui",
      ]);
      expect([0, 1]).toContain(exitCode);
      if (exitCode === 1) expect(stdout + stderr).toMatch(/\(EMFILE\)/u);
      expect(stdout + stderr).not.toMatch(/internal error|node:internal|\n {4}at /u);
      const runs = join(place.root, ".loom/.runtime/logs");
      if (existsSync(runs)) {
        expect(place.loom(["recover", "last"])).toMatchObject({ exitCode: 0, stderr: "" });
        expect(place.left()).toEqual(CLEAN);
        expect(brokenPointers(place)).toEqual([]);
      } else expect(place.left()).toMatchObject({ processes: [], files: [] });
    },
  );
});

describe.runIf(isRoot)("a repository that cannot be written to (needs root, for a mount)", () => {
  const readOnly = inNamespace('mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && exec "$@"');

  test("refuses a run in one sentence with the cause, and can be read", () => {
    const place = makePlace(WORKFLOW);
    expect(place.under(readOnly, ["run"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `loom: Cannot write "${place.root}/.loom/.runtime": read-only file system (EROFS)\n`,
    });
    expect(place.loom(["run", "-q"])).toMatchObject({ exitCode: 0 });
    expect(place.under(readOnly, ["run"])).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^loom: Cannot write ".*": read-only file system \(EROFS\)\n$/u,
      ) as string,
    });
    for (const args of [["runs"], ["show"], ["explain"], ["logs"], ["verify", "last"], ["recover", "last"]]) {
      expect(place.under(readOnly, args)).toMatchObject({ exitCode: 0, stderr: "" });
    }
    expect(place.under(readOnly, ["check"])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/Cannot write the receipt: read-only file system \(EROFS\)\n/u) as string,
    });
    expect(place.left()).toEqual(CLEAN);
  });
});

describe.runIf(isRoot)("a disk with little space (needs root, for a small tmpfs)", () => {
  /** Runs in a tmpfs of its own and, when there is space again, recovers; the evidence is copied out at last. */
  const SCRIPT = `
set -e
runtime=$PWD/.loom/.runtime
mount -t tmpfs -o size=2m,mode=700 loom-test "$runtime"
dd if=/dev/zero of="$runtime/filler" bs=1k count=$((2048 - FREE)) 2>/dev/null
"$@" run --no-tui >out 2>&1 || echo $? >exit-code
rm "$runtime/filler"
"$@" recover last >recovered 2>&1 || echo $? >>recovered
cp -a "$runtime" kept
umount "$runtime"
cp -a kept/. "$runtime"`;

  test.each([0, 12, 24, 48, 64])(
    "%i KiB of it, fails the run with the cause; recovered, it is whole",
    (free) => {
      const place = makePlace(WORKFLOW);
      mkdirSync(join(place.root, ".loom/.runtime"), { mode: 0o700 });
      const wrapper = ["env", `FREE=${free}`, ...inNamespace(SCRIPT)];
      expect(place.under(wrapper, [])).toMatchObject({ exitCode: 0, stderr: "" });
      const read = (name: string): string => readFileSync(join(place.root, name), "utf8");
      expect([read("exit-code"), read("out")]).toEqual([
        "1\n",
        expect.stringMatching(/no space left on device \(ENOSPC\)/u) as string,
      ]);
      expect(read("out")).not.toMatch(/internal error|\n {4}at /u);
      if (free === 0) {
        expect(read("recovered")).toMatch(/There are no runs here yet.*\n2\n$/u);
        expect(place.left()).toMatchObject({ processes: [], files: [] });
        return;
      }
      expect(read("recovered")).toMatch(/^recovered \(valid\)/u);
      expect(place.lastRun().receipt).toMatchObject({ status: "failure", exit_code: 1 });
      expect(brokenPointers(place)).toEqual([]);
      expect(place.left()).toEqual(CLEAN);
    },
  );
});
