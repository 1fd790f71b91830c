import { describe, expect, test } from "vitest";
import { LOOM, makeProject, type Project } from "../project.ts";
import { hasTmux, TmuxTerminal } from "./tmux-terminal.ts";

const WORKFLOW = `version: v1
stages: [test, ship]
unit:
  stage: test
  script:
    - echo prepared
    - echo 'src/plan.ts:41:7 error'; test -e fixed
ship:
  stage: ship
  script: [echo shipped]
`;

const RESTORED = "0 1 1";
const TAKEN = "1 0 0";

/** Longer than a dialog that opened by itself takes no key. Unit: milliseconds. */
const SEEN_MS = 600;

function startIn(): { readonly terminal: TmuxTerminal; readonly project: Project } {
  const project = makeProject({ workflow: WORKFLOW });
  const terminal = new TmuxTerminal(project.root, 100, 30);
  terminal.type(`${process.execPath} ${LOOM} run --pause-on-failure; echo rc=$?`, "Enter");
  return { terminal, project };
}

/** Waits for a dialog, and until it takes keys. */
async function asks(terminal: TmuxTerminal): Promise<string> {
  const screen = terminal.shows("held: unit");
  await new Promise((resolve) => setTimeout(resolve, SEEN_MS));
  return screen;
}

describe.skipIf(!hasTmux)("a job that is held, on the screen (needs tmux)", () => {
  test("is repaired in a shell, and its step is tried again", async () => {
    const { terminal, project } = startIn();
    const asked = await asks(terminal);
    expect(asked).toMatch(/1 held[^]*unit +held/u);
    expect(asked).toMatch(/02 echo .* \(exit 1\)[^]*src\/plan.ts:41:7 error[^]*It fails by itself in 29:5/u);
    terminal.type("s");
    terminal.shows(/where job "unit" works/u);
    expect(terminal.modes()).toBe(RESTORED);
    // Meant for the shell, and for what it runs.
    terminal.type("sleep 60", "Enter");
    terminal.type("C-c");
    terminal.type("C-c");
    terminal.resize(120, 40);
    terminal.type("touch fixed; echo step=$LOOM_STEP", "Enter");
    terminal.shows("step=2");
    terminal.type("exit", "Enter");
    terminal.shows(/^ loom .{105,}\n[^]*held: unit/mu);
    expect(terminal.modes()).toBe(TAKEN);
    terminal.type("r");
    terminal.shows(/2\/2 done.*success/u);
    terminal.type("q");
    terminal.shows("rc=0");
    expect(terminal.modes()).toBe(RESTORED);
    expect(project.verdict()).toBe("valid");
  });

  test("is left for later, and let fail", async () => {
    const { terminal, project } = startIn();
    await asks(terminal);
    terminal.type("Escape");
    terminal.shows(/unit {2}held.*u how it goes on/u);
    terminal.type("q");
    terminal.shows("1 job is held after a failure: unit");
    terminal.type("Escape");
    terminal.type("u");
    terminal.shows("held: unit");
    terminal.type("f");
    terminal.shows(/1 failed {2}1 blocked.*failure/u);
    terminal.type("q");
    terminal.shows("rc=1");
    expect(project.lastRun().pipelineManifest.jobs.map(({ status }) => status)).toEqual([
      "failed",
      "skipped",
    ]);
  });

  test("is answered from another terminal", async () => {
    const { terminal, project } = startIn();
    terminal.shows("held: unit");
    const second = new TmuxTerminal(project.root, 100, 24);
    second.type(`${process.execPath} ${LOOM} show last; echo shown=$?`, "Enter");
    await asks(second);
    second.type("r");
    // The step fails again, which both ask about.
    second.shows(/02 echo .*attempt 2/u);
    terminal.shows(/02 echo .*attempt 2/u);
    await asks(second);
    second.type("s");
    second.shows(/where job "unit" works/u);
    second.type("touch fixed; exit", "Enter");
    second.shows("held: unit");
    second.type("r");
    terminal.shows("rc=0");
    second.shows("success");
    second.type("q");
    second.shows("shown=0");
    expect(second.modes()).toBe(RESTORED);
  });

  test("ends with the run that the dialog cancels", async () => {
    const { terminal } = startIn();
    await asks(terminal);
    terminal.type("c");
    terminal.shows("rc=130");
    expect(terminal.modes()).toBe(RESTORED);
  });
});
