import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject } from "../project.ts";
import { hasTmux, TmuxTerminal } from "./tmux-terminal.ts";

const WORKFLOW = `version: v1
stages: [prepare, check]
install:
  stage: prepare
  script: ["echo installing"]
lint:
  stage: check
  script: ["for i in $(seq 1 300); do echo looking at file $i; done; echo 'src/plan.ts:41:7 error' >&2; exit 3"]
unit:
  stage: check
  script: ["while [ ! -e go ]; do sleep 0.05; done"]
`;

const RESTORED = "0 1 1";
const TAKEN = "1 0 0";

function startIn(
  columns: number,
  rows: number,
  flags = "",
): { terminal: TmuxTerminal; root: string; go: () => void } {
  const { root } = makeProject({ workflow: WORKFLOW });
  const terminal = new TmuxTerminal(root, columns, rows);
  terminal.type(`${process.execPath} ${LOOM} run -j 2 ${flags}; echo rc=$?`, "Enter");
  return { terminal, root, go: () => void spawnSync("touch", ["go"], { cwd: root }) };
}

describe.skipIf(!hasTmux)("loom run in a terminal (needs tmux)", () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 50],
  ])(
    "shows a failure as it happens at %ix%i, the path to it at the end, and leaves the transcript",
    (columns, rows) => {
      const { terminal, go } = startIn(columns, rows);
      terminal.shows(/✗ lint[^]*src\/plan.ts:41:7 error[^]*302 lines/u);
      expect(terminal.modes()).toBe(TAKEN);
      go();
      terminal.shows("files: receipt summary");
      terminal.type("q");
      terminal.shows("rc=1");
      expect(terminal.modes()).toBe(RESTORED);
      const transcript = terminal.screen(true);
      expect(transcript).toContain("failed: lint › 01");
      expect(transcript.replaceAll("\n", "")).toMatch(/receipt: \S+\.json/u);
    },
  );

  test.each(["TERM", "HUP", "QUIT"])(
    "gives the terminal back on SIG%s, of a run and of a past one",
    (signal) => {
      const { terminal } = startIn(80, 24);
      terminal.shows("302 lines");
      process.kill(terminal.foreground(), `SIG${signal}`);
      terminal.shows(/rc=\d+/u);
      expect(terminal.modes()).toBe(RESTORED);
      terminal.type("clear", "Enter");
      terminal.type(`${process.execPath} ${LOOM} show last; echo shown=$?`, "Enter");
      terminal.shows(/✗ lint/u);
      expect(terminal.modes()).toBe(TAKEN);
      process.kill(terminal.foreground(), `SIG${signal}`);
      terminal.shows(/shown=\d+/u);
      expect(terminal.modes()).toBe(RESTORED);
    },
  );

  test("is followed from another terminal to its end", () => {
    const { terminal, root, go } = startIn(100, 24);
    terminal.shows("302 lines");
    const second = new TmuxTerminal(root, 100, 24);
    second.type(`${process.execPath} ${LOOM} show last; echo shown=$?`, "Enter");
    second.shows(/1 failed {2}1 running .*running/u);
    go();
    second.shows(/3\/3 done {2}1 failed .*failure/u);
    second.type("4");
    second.shows("files: receipt");
    second.type("q");
    second.shows("shown=0");
    expect(second.modes()).toBe(RESTORED);
  });

  test("shows the log of all jobs in one, while they run and afterwards", () => {
    const { terminal, root, go } = startIn(100, 24);
    terminal.shows("302 lines");
    terminal.type("A");
    const all = terminal.shows(/all jobs ─[^]*lint +│ src\/plan.ts:41:7 error/u);
    expect(all).toMatch(/all jobs {2}1 running: unit/u);
    expect(all).toContain("follow");
    terminal.type("g");
    terminal.shows(/install +│ installing[^]*lint +│ looking at file 1\b/u);
    terminal.type("/file 300", "Enter");
    terminal.shows(/\/file 300 {2}1 of 1/u);
    go();
    terminal.shows(/3\/3 done.*failure/u);
    terminal.type("q");
    terminal.shows("rc=1");
    const second = new TmuxTerminal(root, 100, 24);
    second.type(`${process.execPath} ${LOOM} show last; echo shown=$?`, "Enter");
    second.shows(/✗ lint/u);
    second.type("A");
    second.shows(/all jobs ─[^]*lint +│ src\/plan.ts:41:7 error/u);
    second.type("g");
    second.shows(/install +│ \$ echo[^]*unit +│ \$ while/u);
    second.type("&err", "Enter");
    expect(second.shows("1 line")).toMatch(/lint +│ src\/plan.ts:41:7 error/u);
    second.type("q");
    second.shows("shown=0");
  });

  test.each(["0", "1"])("links the evidence in the transcript with LOOM_LINKS=%s", (links) => {
    const { root } = makeProject({ workflow: "version: v1\nstages: [a]\nx: {stage: a, script: [exit 3]}\n" });
    const terminal = new TmuxTerminal(root, 100, 24);
    const record = join(root, "record");
    terminal.record(record);
    terminal.type(`LOOM_LINKS=${links} ${process.execPath} ${LOOM} run --tui-exit now; echo rc=$?`, "Enter");
    terminal.shows("rc=1");
    const sent = readFileSync(record, "utf8");
    const linked = sent.split("receipt: \u001B]8;;")[1]?.split("\u0007")[0];
    if (links === "0") return expect(sent).not.toContain("\u001B]8;");
    const path = new URL(linked ?? "").pathname;
    expect(path.startsWith(root)).toBe(true);
    expect(existsSync(path)).toBe(true);
    // A pipe gets none, whatever is asked for.
    terminal.type("clear", "Enter");
    terminal.type(`LOOM_LINKS=1 ${process.execPath} ${LOOM} run | grep -c $'\\e]8;'; echo piped`, "Enter");
    terminal.shows(/^0\npiped/mu);
    return undefined;
  });

  test("cancels one job from another terminal, and the run goes on without it", () => {
    const { terminal, root } = startIn(100, 24);
    terminal.shows("302 lines");
    const second = new TmuxTerminal(root, 100, 24);
    second.type(`${process.execPath} ${LOOM} show last; echo shown=$?`, "Enter");
    second.shows(/1 failed {2}1 running/u);
    second.type("/:running", "Enter");
    second.shows(/running {2}0:/u);
    second.type("x");
    second.shows(/x +job .*it fails/u);
    second.type("x");
    second.shows("2 failed");
    // Before it is over, the key asks whether to stop the run.
    terminal.shows(/r runs it again|r rerun/u);
    second.type("q");
    terminal.type("q");
    terminal.shows("rc=1");
    expect(terminal.screen(true)).toContain("The job was cancelled on request");
  });

  test("reruns the failed job of a past run from loom show", () => {
    const { terminal, go } = startIn(100, 24, "--tui-exit now");
    terminal.shows("302 lines");
    go();
    terminal.shows("rc=1");
    terminal.type("clear", "Enter");
    terminal.type(`${process.execPath} ${LOOM} show last; echo shown=$?`, "Enter");
    terminal.shows(/✗ lint/u);
    terminal.type("r");
    terminal.shows("run again?");
    terminal.type("Enter");
    // The jobs are done a moment before the run is.
    terminal.shows(/1\/1 done {2}1 failed.*failure/u);
    terminal.type("q");
    terminal.shows("shown=1");
    expect(terminal.modes()).toBe(RESTORED);
  });

  test("has the keys of the user's own configuration, and says what is wrong with them", () => {
    const { root } = makeProject({ workflow: WORKFLOW });
    mkdirSync(join(root, "config/loom"), { recursive: true });
    const config = join(root, "config/loom/config.yml");
    writeFileSync(config, "tui: {keys: {help: H, quit: [ctrl-q]}}");
    const terminal = new TmuxTerminal(root, 100, 24);
    const start = `XDG_CONFIG_HOME=$PWD/config ${process.execPath} ${LOOM} run -j 2; echo rc=$?`;
    terminal.type(start, "Enter");
    terminal.shows("302 lines");
    expect(terminal.screen()).toMatch(/H help {2}ctrl-q quit/u);
    terminal.type("H");
    terminal.shows("keys: tree");
    terminal.type("asks");
    terminal.shows(/ctrl-q +quit; asks first/u);
    terminal.type("Enter");
    terminal.type("C-q");
    terminal.shows("cancel the run?");
    terminal.type("c");
    terminal.shows("rc=130");
    writeFileSync(config, "tui: {keys: {help: j}}");
    terminal.type("clear", "Enter");
    terminal.type(start, "Enter");
    terminal.shows("rc=2");
    expect(terminal.screen()).toContain('would be both "down" and "help"');
  });

  test("copies with the program that is there, and says which", () => {
    const { terminal } = startIn(120, 30);
    terminal.shows("302 lines");
    // The selection moves to the step that failed.
    terminal.shows(/▸ +✗ 01 for/u);
    terminal.type("y");
    terminal.shows("with tmux");
    expect(terminal.copied()).toMatch(/^\.loom\/\.runtime\/logs\/.*\/jobs\/lint\/.*events\.jsonl$/u);
  });

  test("leaves the screen alone in the background, where the system would stop it", () => {
    const { root } = makeProject({
      workflow: "version: v1\nstages: [a]\nj: {stage: a, script: [echo done]}\n",
    });
    const terminal = new TmuxTerminal(root, 80, 24);
    terminal.type(`${process.execPath} ${LOOM} run & wait; echo rc=$?`, "Enter");
    expect(terminal.shows("rc=0")).toMatch(/success[^]*receipt: /u);
    terminal.type("clear", "Enter");
    terminal.type(`${process.execPath} ${LOOM} run & `, "Enter");
    terminal.shows("receipt: ");
    terminal.type("echo modes", "Enter");
    terminal.shows("modes");
    expect(terminal.modes()).toBe(RESTORED);
    expect(terminal.screen()).not.toContain("Stopped");
  });

  test("finds, filters, zooms and goes back, as a person would", () => {
    const { terminal, go } = startIn(100, 30);
    terminal.shows("302 lines");
    terminal.type("/");
    terminal.type("-l", "inst");
    terminal.shows(/▸ {2}✓ install/u);
    terminal.type("Escape");
    terminal.shows("302 lines");
    terminal.type("Tab");
    terminal.type("/");
    terminal.type("-l", "file 12");
    terminal.type("Enter");
    terminal.shows("11");
    terminal.type("g", "n");
    terminal.shows("looking at file 12 ");
    terminal.type("Enter");
    terminal.shows(/^ lint › 01/mu);
    terminal.type("&");
    terminal.type("-l", "plan");
    terminal.type("Enter");
    terminal.shows("1 line");
    terminal.type("Escape");
    terminal.shows("Esc back");
    terminal.type("Escape");
    terminal.type("Escape");
    terminal.shows("┌─ jobs");
    terminal.type("?");
    terminal.shows("keys:");
    terminal.type("Escape");
    terminal.resize(60, 20);
    terminal.shows(/^└─.*┘└─.*┘$/mu);
    terminal.resize(19, 4);
    terminal.shows("loom 2/3");
    terminal.resize(100, 30);
    terminal.type("q");
    terminal.shows("1 job is still running: unit");
    terminal.type("Escape");
    go();
    terminal.shows(/r runs it again|r rerun/u);
    terminal.type("4");
    terminal.shows("files: receipt summary");
    terminal.type("5");
    terminal.shows("today");
    terminal.type("q");
    terminal.shows("rc=1");
    expect(terminal.modes()).toBe(RESTORED);
  });

  test("folds the jobs of a matrix under its name, with what failed in sight, live and past", () => {
    const { root } = makeProject({
      workflow: `version: v1
stages: [test]
unit:
  stage: test
  matrix: [{NODE: ["20", "22", "24"], DB: [pg, my]}]
  script: ['test "$NODE-$DB" != 22-my', 'while [ ! -e go ]; do sleep 0.05; done']
ship: {stage: test, when: manual, matrix: [{TO: [eu, us, ap]}], script: ['echo to $TO']}
`,
    });
    const terminal = new TmuxTerminal(root, 80, 24);
    terminal.type(`${process.execPath} ${LOOM} run -j 6; echo rc=$?`, "Enter");
    const folded = terminal.shows(/▸ unit +✗ 1\/6 [^]*✗ unit-22-my[^]*▾ ship[^]*ship-ap/u);
    expect(folded).not.toContain("unit-20-pg");
    terminal.type("hhh");
    terminal.shows(/▸ {2}▸ unit /u);
    terminal.type("l");
    const unfolded = terminal.shows(/▸ {2}▾ unit [^]*unit-24-my/u);
    for (const name of ["20-pg", "20-my", "22-pg", "22-my", "24-pg"])
      expect(unfolded).toContain(`unit-${name}`);
    terminal.type("2");
    terminal.shows("needs ─");
    terminal.type("1");
    terminal.shows(/▸ {2}▾ unit [^]*unit-24-my/u);
    terminal.type("G");
    terminal.shows(/▸ {4}\S ship-ap/u);
    terminal.type("hhhp");
    terminal.shows(/▸ {2}▸ ship +✓ 3\/3/u);
    spawnSync("touch", ["go"], { cwd: root });
    terminal.shows(/9\/9 done.*failure/u);
    terminal.type("q");
    terminal.shows("rc=1");
    terminal.type("clear", "Enter");
    terminal.type(`${process.execPath} ${LOOM} show last; echo shown=$?`, "Enter");
    terminal.shows(/▸ unit +✗ 6\/6 [^]*✗ unit-22-my/u);
    terminal.type("/24-my", "Enter");
    terminal.shows(/▾ unit [^]*▸ {4}✓ unit-24-my/u);
    terminal.type("h");
    terminal.shows(/▸ {4}✓ unit-24-my/u);
    terminal.type("h");
    terminal.shows(/▸ {2}▸ unit /u);
    terminal.type("q");
    terminal.shows("shown=0");
  });

  test("cancels on Ctrl-C, restores the terminal and exits with 130", () => {
    const { terminal } = startIn(80, 24);
    terminal.shows("302 lines");
    terminal.type("C-c");
    terminal.shows("rc=130");
    expect(terminal.modes()).toBe(RESTORED);
    expect(terminal.screen(true)).toContain("cancelled");
  });

  test("gives the terminal to the shell on Ctrl-Z, and takes it back", () => {
    const { terminal } = startIn(80, 24);
    terminal.shows("302 lines");
    terminal.type("C-z");
    terminal.shows("Stopped");
    expect(terminal.modes()).toBe(RESTORED);
    terminal.type("fg", "Enter");
    terminal.shows("302 lines");
    expect(terminal.modes()).toBe(TAKEN);
    terminal.type("C-c");
    terminal.shows("The run was cancelled by SIGINT");
    terminal.shows("receipt: ");
    expect(terminal.modes()).toBe(RESTORED);
  });

  test("opens the log in a pager, streams, and comes back from both", () => {
    const { terminal, go } = startIn(80, 24);
    terminal.shows("302 lines");
    terminal.type("e");
    terminal.shows(/lint-01\.log/u);
    // The pager's, not the run's: the terminal sends it to both.
    terminal.type("C-c");
    // It says so with another prompt; before that it may lose a key.
    terminal.shows(/^\(END\)$/mu);
    terminal.type("q");
    expect(terminal.shows("302 lines")).toContain("1 running");
    terminal.type("S");
    terminal.shows("any key brings the screen back");
    expect(terminal.modes()).toBe(RESTORED);
    terminal.type("x");
    terminal.shows("302 lines");
    go();
    terminal.shows(/r runs it again|r rerun/u);
    terminal.type("q");
    terminal.shows("rc=1");
    expect(terminal.modes()).toBe(RESTORED);
  });

  test("leaves by itself with --tui-exit now", () => {
    const { terminal, go } = startIn(80, 24, "--tui-exit now");
    terminal.shows("302 lines");
    go();
    terminal.shows("rc=1");
    expect(terminal.modes()).toBe(RESTORED);
  });

  test.each([
    ["TERM", 143],
    ["HUP", 129],
  ])("restores the terminal when it is ended by SIG%s", (signal, exitCode) => {
    const { terminal, root } = startIn(80, 24);
    terminal.shows("302 lines");
    const pid = spawnSync(
      "sh",
      [
        "-c",
        `for p in /proc/[0-9]*; do [ "$(readlink $p/cwd)" = "${root}" ] && tr '\\0' ' ' < $p/cmdline | grep -q loom.cjs && basename $p; done`,
      ],
      { encoding: "utf8" },
    ).stdout;
    for (const one of pid.split("\n").filter((text) => text !== ""))
      process.kill(Number(one), `SIG${signal}`);
    terminal.shows(`rc=${exitCode}`);
    expect(terminal.modes()).toBe(RESTORED);
  });
});
