import { spawnSync } from "node:child_process";
import { describe, expect, onTestFinished, test } from "vitest";
import { LOOM, makeProject } from "../project.ts";

const WORKFLOW = `version: v1
stages: [prepare, check]
install:
  stage: prepare
  script: ["echo installing"]
lint:
  stage: check
  script: ["echo looking; echo 'src/plan.ts:41:7 error' >&2; exit 3"]
unit:
  stage: check
  script: ["while [ ! -e go ]; do sleep 0.05; done"]
`;

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

/** A real terminal of its own, with a shell in the project's folder. */
class Terminal {
  readonly #socket = `loom-e2e-${process.pid}-${Math.floor(performance.now() * 1000)}`;

  constructor(root: string, columns: number, rows: number) {
    this.#tmux(
      "new-session",
      "-d",
      "-s",
      "t",
      "-x",
      String(columns),
      "-y",
      String(rows),
      "-c",
      root,
      "env -u CI -u CLAUDECODE bash --norc",
    );
    onTestFinished(() => void this.#tmux("kill-server"));
  }

  type(...keys: string[]): void {
    this.#tmux("send-keys", "-t", "t", ...keys);
  }

  /** What the screen shows; with `history` also what has scrolled off. */
  screen(history = false): string {
    return this.#tmux("capture-pane", "-p", "-t", "t", ...(history ? ["-S", "-"] : []));
  }

  /** Waits until the screen shows a text, for half a minute at most. */
  shows(text: string | RegExp): string {
    for (const deadline = performance.now() + 30_000; ;) {
      const screen = this.screen();
      if (typeof text === "string" ? screen.includes(text) : text.test(screen)) return screen;
      if (performance.now() > deadline)
        throw new Error(`The screen never showed ${String(text)}:\n${screen}`);
    }
  }

  /** Whether the alternate screen is on, the cursor shown, and lines wrap. */
  modes(): string {
    return this.#tmux("display", "-p", "-t", "t", "#{alternate_on} #{cursor_flag} #{wrap_flag}").trim();
  }

  #tmux(...args: string[]): string {
    return spawnSync("tmux", ["-L", this.#socket, "-f", "/dev/null", ...args], { encoding: "utf8" }).stdout;
  }
}

function startIn(columns: number, rows: number): { terminal: Terminal; root: string } {
  const { root } = makeProject({ workflow: WORKFLOW });
  const terminal = new Terminal(root, columns, rows);
  terminal.type(`${process.execPath} ${LOOM} run -j 2; echo rc=$?`, "Enter");
  return { terminal, root };
}

describe.skipIf(!hasTmux)("loom run in a terminal (needs tmux)", () => {
  test.each([
    [80, 24],
    [120, 40],
    [50, 12],
  ])(
    "shows the jobs as they run and the failing job's last lines at %ix%i, and leaves the transcript",
    (columns, rows) => {
      const { terminal, root } = startIn(columns, rows);
      const live = terminal.shows(/✗ lint[^]*src\/plan.ts:41:7 error\n/u);
      expect(live).toMatch(/✓ install|prepare 1\/1/u);
      expect(live).toMatch(/unit/u);
      expect(terminal.modes()).toBe("1 0 0");
      spawnSync("touch", ["go"], { cwd: root });
      terminal.shows("rc=1");
      expect(terminal.modes()).toBe("0 1 1");
      const transcript = terminal.screen(true);
      expect(transcript).toContain("failed: lint › 01");
      expect(transcript.replaceAll("\n", "")).toMatch(/receipt: \S+\.json/u);
    },
  );

  test("cancels on Ctrl-C, restores the terminal and exits with 130", () => {
    const { terminal } = startIn(80, 24);
    terminal.shows("src/plan.ts:41:7 error");
    terminal.type("C-c");
    terminal.shows("rc=130");
    expect(terminal.modes()).toBe("0 1 1");
    expect(terminal.screen(true)).toContain("cancelled");
  });
});
