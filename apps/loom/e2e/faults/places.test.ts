import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Receipt } from "@loom/artifacts";
import { LOOM } from "../project.ts";
import { CLEAN, filesLeft, makePlace, type Place } from "./aftermath.ts";

const onLinux = process.platform === "linux";
const isRoot = onLinux && process.getuid?.() === 0;

const WORKFLOW = `version: v1
stages: [a]
j: {stage: a, script: ['echo "in $PWD"']}
`;

/** A folder below a place, with the same workflow. */
function folderIn(place: Place, name: string): string {
  const folder = join(place.root, name);
  mkdirSync(folder, { recursive: true });
  cpSync(join(place.root, ".loom/workflow.yml"), join(folder, ".loom/workflow.yml"));
  return folder;
}

function receiptIn(folder: string): Receipt {
  const receipts = join(folder, ".loom/.runtime/receipts");
  const [name = ""] = readdirSync(receipts).filter((file) => file.startsWith("loom-run"));
  return JSON.parse(readFileSync(join(receipts, name), "utf8")) as Receipt;
}

/** Of a length that leaves room for the evidence, within what the system takes. */
const LONG = Array.from({ length: 18 }, () => "l".repeat(199)).join("/");

const NAMES: readonly (readonly [what: string, name: string])[] = [
  [
    "spaces, quotes and other scripts",
    `with  two spaces, qu'ote"s, \`and\` \u00FCn\u00EF-\u6F22\u5B57-\u{1F9F6} `,
  ],
  ["a newline", "new\nline"],
  ["ESC", "esc\u001B[31mred\u001B]0;title\u0007"],
  ["what shells and formats take for more", "-pct%41%s%n dollar$HOME$(id) back\\slash [*]?{a,b}"],
  ...(onLinux ? [["3,600 characters", LONG] as const] : []),
];

describe("a repository in a folder whose path has", () => {
  test.each(NAMES)("%s is run and read as any other", (_what, name) => {
    const place = makePlace(WORKFLOW);
    const cwd = folderIn(place, name);
    const ended = place.under(["env"], ["run", "--stream"], { cwd });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    // oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
    expect(ended.stdout).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/u);
    expect(ended.stdout.split("\n").at(-2)).toMatch(/^receipt: \/.*\.json$/u);
    const receipt = receiptIn(cwd);
    expect(receipt).toMatchObject({ status: "success", repo_root: cwd });
    expect(receipt.logs_dir.startsWith(`${cwd}/.loom/.runtime/logs/`)).toBe(true);
    expect(place.under(["env"], ["verify", receipt.logs_dir], { cwd })).toMatchObject({ exitCode: 0 });
    expect(filesLeft(cwd, place.temporary)).toEqual([]);
  });

  test.runIf(onLinux)("more characters than the evidence has room for is refused in one sentence", () => {
    const place = makePlace(WORKFLOW);
    const room = 4_050 - place.root.length - LONG.length;
    const cwd = folderIn(place, `${LONG}/${"m".repeat(199)}/${"n".repeat(room - 202)}`);
    const { exitCode, stdout, stderr } = place.under(["env"], ["run"], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^loom: Cannot write "[^"]+": the name is too long \(ENAMETOOLONG\)\n$/u);
  });

  test.runIf(onLinux)("a name that is no UTF-8 is refused, and no other workflow is run", () => {
    const place = makePlace(WORKFLOW);
    const inside =
      'name=$(printf "caf\\351"); mkdir -p "$name/.loom" && cp .loom/workflow.yml "$name/.loom/" && cd "$name"';
    for (const command of ["run", "check", "runs"]) {
      const ended = place.under(["sh", "-c", `${inside} && exec "$@"`, "sh"], [command]);
      expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ended.stderr).toMatch(/^loom: Cannot tell which folder this is: its path is not in UTF-8.*\n$/u);
    }
    expect(existsSync(join(place.root, ".loom/.runtime"))).toBe(false);
  });
});

describe("a repository that is entered", () => {
  test.each([
    ["by a folder below it", "below/deep", undefined],
    ["by a link to it", "link", "."],
  ])("%s has its evidence in itself", (_how, cwd, target) => {
    const place = makePlace(WORKFLOW);
    mkdirSync(join(place.root, "below/deep"), { recursive: true });
    if (target !== undefined) symlinkSync(target, join(place.root, cwd));
    const ended = place.under(["env"], ["run", "-q"], { cwd: join(place.root, cwd) });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(receiptIn(place.root)).toMatchObject({ status: "success", repo_root: place.root });
    expect(place.loom(["logs", "last", "j"]).stdout).toBe(`in ${place.root}\n`);
    expect(place.left()).toEqual(CLEAN);
  });
});

describe("a machine without", () => {
  /** What is on PATH in the folder `bin` of a place, and what comes of it. */
  const SHELLS: readonly (readonly [what: string, make: string, said: RegExp])[] = [
    ["a shell on PATH", "mkdir bin", /Cannot run host jobs: there is no executable "sh" on PATH \(.*bin\)/u],
    [
      "what its shell is run by",
      "mkdir bin; printf '#!/nowhere/sh\\n' >bin/sh; chmod +x bin/sh",
      /Cannot start the step: .*(shell|sh)".* no longer exists/u,
    ],
    [
      "a shell from the second step on",
      "mkdir bin; cp /bin/sh bin/sh",
      /step 02 shell_not_found[^]*Cannot start the step: the shell ".*bin\/sh" no longer exists/u,
    ],
  ];

  test.each(SHELLS)("%s fails the job, says so, and keeps valid evidence", (_what, make, said) => {
    const place = makePlace(
      "version: v1\nstages: [a]\nj: {stage: a, script: [/bin/rm bin/sh, echo never]}\n",
    );
    const wrapper = ["sh", "-c", `${make}; export PATH="$PWD/bin"; exec "$@"`, "sh"];
    const { exitCode, stdout, stderr } = place.under(wrapper, ["run", "--no-tui"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(stdout).toMatch(said);
    expect(stdout).toMatch(/shell_not_found/u);
    expect(place.loom(["explain"]).stdout).toMatch(/^failure .*(no executable|no longer exists)/u);
    expect(place.left()).toEqual(CLEAN);
  });

  test.runIf(isRoot)("any shell fails the job and keeps valid evidence (needs root, for a mount)", () => {
    const place = makePlace(WORKFLOW);
    const hide =
      'for sh in /bin/sh /usr/bin/sh; do mount --bind /dev/null "$(readlink -f $sh)"; done; exec "$@"';
    const ended = place.under(["unshare", "-m", "sh", "-c", hide, "sh"], ["run", "--no-tui"]);
    expect(ended).toMatchObject({ exitCode: 1, stderr: "" });
    expect(ended.stdout).toMatch(/provider shell_not_found[^]*there is no executable "sh" on PATH/u);
    expect(place.left()).toEqual(CLEAN);
  });

  test("the folder of its repository any more says so, and can be recovered where it is now", () => {
    const place = makePlace(
      'version: v1\nstages: [a]\nj: {stage: a, script: [\'mv "$PWD" "$PWD-moved"\']}\n',
    );
    const cwd = folderIn(place, "repository");
    const { exitCode, stdout, stderr } = place.under(["env"], ["run", "--no-tui"], { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/The evidence of this run was removed while it ran/u);
    expect(stdout + stderr).not.toMatch(/internal error/u);
    const moved = { cwd: `${cwd}-moved` };
    expect(place.under(["env"], ["recover", "last"], moved)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(place.under(["env"], ["verify", "last"], moved)).toMatchObject({ exitCode: 0 });
    expect(existsSync(cwd)).toBe(false);
    expect(filesLeft(moved.cwd, place.temporary)).toEqual([]);
  });
});

test("eight runs at once in one repository close, valid, and touch no file of another", async () => {
  const place = makePlace(`version: v1
stages: [a, b]
fails: {stage: a, retry: 1, script: ["echo $RUN", "exit 3"]}
prints: {stage: a, script: ["for i in $(seq 500); do echo $RUN; done"]}
after: {stage: b, when: always, script: ["(sleep 300 &)", "echo $RUN"]}
`);
  const ended = Array.from({ length: 8 }, async (_, run) => {
    const child = spawn(process.execPath, [LOOM, "run", "-q", "--var", `RUN=of-run-${run}`], {
      cwd: place.root,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...place.env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [exitCode] = (await once(child, "close")) as unknown[];
    return { exitCode, receiptPath: /^receipt: (.*)$/mu.exec(said)?.[1] ?? "none" };
  });
  const runs = await Promise.all(ended);
  expect(new Set(runs.map(({ receiptPath }) => receiptPath)).size).toBe(8);
  for (const [run, { exitCode, receiptPath }] of runs.entries()) {
    expect(exitCode).toBe(1);
    const { logs_dir: directory } = JSON.parse(readFileSync(receiptPath, "utf8")) as Receipt;
    const words = new Set<string>();
    for (const path of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
      if (!path.endsWith("events.jsonl")) continue;
      for (const [word] of readFileSync(join(directory, path), "utf8").matchAll(/of-run-\d/gu))
        words.add(word);
    }
    expect([...words]).toEqual([`of-run-${run}`]);
    expect(place.loom(["verify", directory]).stdout).toMatch(/^valid/u);
  }
  expect(readdirSync(join(place.root, ".loom/.runtime/logs"))).toHaveLength(8);
  expect(place.left()).toEqual(CLEAN);
});
