import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CLEAN, makePlace, type Place } from "./aftermath.ts";

/** Somebody who may make no control group and may not look into what hides. */
const NOBODY = 65_534;
const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] as const;

/** Why nothing can be run as somebody else, if so. */
function whyNotAsNobody(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "needs root on Linux, to become somebody else";
  const [program, ...args] = AS_NOBODY;
  const isAble = spawnSync(program, [...args, process.execPath, "--version"], { cwd: "/" }).status === 0;
  return isAble ? undefined : "Node cannot be run by other users here, or there is no setpriv";
}
const why = whyNotAsNobody();

const isThere = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

/** Waits in a step until Loom has noted the process of which `$pid` is the number. */
const UNTIL_NOTED = 'until grep -qs "^m $pid " .loom/.runtime/active/*.host.notes; do :; done';

function workflow(...script: readonly string[]): string {
  return `version: v1\nstages: [a]\nj:\n  stage: a\n  script: ${JSON.stringify(script)}\n`;
}

/** A place that belongs to nobody, with a home. */
function placeOfNobody(text: string): Place {
  const place = makePlace(text);
  mkdirSync(join(place.root, "home"));
  for (const path of ["", ".loom", ".loom/workflow.yml", "home"])
    chownSync(join(place.root, path), NOBODY, NOBODY);
  chownSync(place.temporary, NOBODY, NOBODY);
  return place;
}

function runAsNobody(place: Place): ReturnType<Place["under"]> {
  return place.under(["env", "-u", "XDG_CACHE_HOME", `HOME=${place.root}/home`, ...AS_NOBODY], ["run", "-q"]);
}

/** What the cleanup of the job named as ended. */
function namedAsLeft(place: Place): string {
  return place
    .lastRun()
    .events("jobs/j/system/cleanup/events.jsonl")
    .map((event) => (event.event === "log" ? event.message : ""))
    .join("");
}

// What the table in the README of provider-host says of Linux without control groups.
describe.skipIf(why !== undefined)(
  `for an ordinary user${why === undefined ? "" : ` (${why})`}, a process that`,
  () => {
    const FOUND: readonly (readonly [what: string, script: string, needs?: string])[] = [
      ["keeps its environment, as a daemon", "(setsid sh -c 'sleep 300 & wait' &)"],
      [
        "is in a group of its own, with no environment",
        "set -m; env -i /bin/sleep 300 & until grep -aqs ^/bin/sleep /proc/$!/cmdline; do :; done",
      ],
      [
        "is in a session of its own, with no environment",
        `setsid env -i /bin/sleep 300 & pid=$!; ${UNTIL_NOTED}`,
      ],
      [
        "has a title over its environment",
        `perl -e 'use POSIX; POSIX::setsid(); $0 = "x" x 9000; sleep 300' & pid=$!; ${UNTIL_NOTED}`,
        "perl",
      ],
      [
        "makes itself unreadable",
        `setsid ssh-agent -d -a "$PWD/agent" & pid=$!; ${UNTIL_NOTED}`,
        "ssh-agent",
      ],
    ];

    test.for(FOUND)("%s is ended and named", ([, script, needs], context) => {
      context.skip(needs !== undefined && !isThere(needs), `${needs ?? ""} is not installed`);
      const place = placeOfNobody(workflow(`{ ${script}; } >/dev/null 2>&1`));
      expect(runAsNobody(place)).toMatchObject({ exitCode: 0, stderr: "" });
      expect(namedAsLeft(place)).toMatch(/^The job left .* running, now ended: /u);
      expect(place.left()).toEqual(CLEAN);
    });

    test("becomes a daemon between two looks and is unreadable may escape, and the run is none the worse", (context) => {
      context.skip(!isThere("ssh-agent"), "ssh-agent is not installed");
      const place = placeOfNobody(workflow('eval "$(ssh-agent -s -a "$PWD/agent")"'));
      expect(runAsNobody(place)).toMatchObject({ exitCode: 0, stderr: "" });
      const { processes, ...rest } = place.left();
      expect(rest).toEqual({ files: [], verdict: "valid" });
      expect(processes.filter((command) => !command.startsWith("ssh-agent -s -a "))).toEqual([]);
    });

    test("closes its workspace to itself ends the run with the cause; open again, it is recovered", () => {
      const place = placeOfNobody(workflow('sleep 0.4; chmod 000 "$PWD"', "true"));
      const { exitCode, stdout, stderr } = runAsNobody(place);
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 1 });
      expect(stderr).toMatch(/permission denied \(EACCES\)/u);
      expect(stdout + stderr).not.toMatch(/internal error/u);
      spawnSync("chmod", ["755", place.root]);
      const recovered = place.under(["env", `HOME=${place.root}/home`, ...AS_NOBODY], ["recover", "last"]);
      expect(recovered).toMatchObject({ exitCode: 0, stderr: "" });
      expect(place.left()).toEqual(CLEAN);
    });
  },
);

describe.skipIf(why !== undefined)(
  `in a folder that an ordinary user may not get to${why === undefined ? "" : ` (${why})`}`,
  () => {
    test.each([[["check"]], [["run"]], [["run", "--dry-run"]]])(
      "loom %j says why, in one sentence",
      (args) => {
        const place = placeOfNobody(workflow("true"));
        const inner = join(place.root, "inner");
        mkdirSync(inner);
        spawnSync("chmod", ["000", place.root]);
        const { exitCode, stdout, stderr } = place.under(AS_NOBODY, args, { cwd: inner });
        spawnSync("chmod", ["755", place.root]);
        expect([exitCode, stdout, stderr]).toEqual([
          2,
          "",
          `loom: Cannot look for a workflow at "${inner}/.loom/workflow.yml": permission denied (EACCES). Make that folder accessible, or name a file with --workflow\n`,
        ]);
      },
    );
  },
);

/** Whether a process can be given the number of a dead one in a namespace of its own. */
function mayChooseNumbers(): boolean {
  if (why !== undefined) return false;
  const script = "echo 1000 >/proc/sys/kernel/ns_last_pid && sh -c 'test $$ -gt 1000'";
  return spawnSync("unshare", ["-pf", "--mount-proc", "sh", "-c", script]).status === 0;
}

/**
 * As the first process of a namespace: starts loom, has the member that a step
 * left die, gives the number of its group to the group of somebody else, and
 * tells afterwards whether that one lives.
 */
const REUSE = `
"$@" run -q >out 2>&1 &
loom=$!
until [ -s up ]; do :; done
read -r group <group; read -r member <member
kill -KILL "$member"
while kill -0 "$member" 2>/dev/null; do :; done
for attempt in $(seq 200); do
  rm -f other
  echo $((group - 1)) >/proc/sys/kernel/ns_last_pid
  $AS setsid sh -c 'sleep 300 & echo $! >other' &
  wait $!
  read -r other <other
  read -r _ _ _ _ of _ </proc/$other/stat
  [ "$of" = "$group" ] && break
  kill -KILL "$other"
done
[ "$of" = "$group" ] || { echo "the number was not given again"; exit 9; }
echo go >go
wait $loom; echo "loom ended with $?"
kill -0 "$other" && echo "the other one lives"
kill -KILL "$other"`;

describe.skipIf(!mayChooseNumbers())(
  "a process group of others that has the number of a dead one of a job (needs root, for a namespace)",
  () => {
    test.each([
      ["root", []],
      ["an ordinary user", AS_NOBODY],
    ])("is left alone: by %s", (_who, as) => {
      const place = placeOfNobody(
        workflow("sleep 300 & echo $! >member; echo $$ >group", "echo up >up; read -r go <go"),
      );
      expect(spawnSync("mkfifo", ["-m", "666", join(place.root, "go")]).status).toBe(0);
      writeFileSync(join(place.root, "reuse.sh"), REUSE);
      const wrapper = [
        "unshare",
        "-pf",
        "--mount-proc",
        "--kill-child",
        "env",
        `AS=${as.join(" ")}`,
        `HOME=${place.root}/home`,
      ];
      const { exitCode, stdout, stderr } = place.under([...wrapper, "sh", "reuse.sh", ...as], []);
      expect({ exitCode, stdout, stderr }).toEqual({
        exitCode: 0,
        stdout: "loom ended with 0\nthe other one lives\n",
        stderr: "",
      });
      expect(place.left()).toEqual(CLEAN);
    });
  },
);
