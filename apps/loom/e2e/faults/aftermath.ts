import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { LOOM, makeProject, type Ended, type Project } from "../project.ts";

/** A project in which something goes wrong. What it starts bears a mark, and has a folder of its own for temporary files. */
export interface Place extends Project {
  /** Runs the program below another one, such as `["unshare", "-m"]`, wherever that starts it. */
  under(wrapper: readonly string[], args: readonly string[], options?: UnderOptions): Ended;
  /** What the last run left, as `CLEAN` has it when all is well. */
  left(): Left;
  readonly temporary: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How a program is run below another one. */
export interface UnderOptions {
  /** Default: the folder of the project. */
  readonly cwd?: string;
  /** Options of Node. */
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a run left. */
export interface Left {
  /** Exit code of `loom verify last`, and what it complains of. */
  readonly verdict: string;
  /** The command lines of what bears the mark of the place. Linux only; elsewhere none are seen. */
  readonly processes: readonly string[];
  /** What nobody needs once the run is over. */
  readonly files: readonly string[];
}

/** Nothing is left but evidence that is valid. */
export const CLEAN: Left = { verdict: "valid", processes: [], files: [] };

let marks = 0;

/** Makes a place for one test. */
export function makePlace(workflow: string): Place {
  const project = makeProject({ workflow });
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), "loom-e2e-tmp-")));
  const mark = `${process.pid}-${(marks += 1)}`;
  const env = { TMPDIR: temporary, LOOM_E2E_PLACE: mark };
  const whole = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    LANG: "C.UTF-8",
    LOOM_IN_PLACE: "1",
    ...env,
  };
  onTestFinished(() => {
    for (const { pid } of marked(mark)) process.kill(pid, "SIGKILL");
    rmSync(temporary, { recursive: true, force: true });
  });
  return {
    ...project,
    env,
    temporary,
    loom: (args, more = {}) => project.loom(args, { ...env, ...more }),
    start: (args, more = {}) => project.start(args, { ...env, ...more }),
    under: ([program = "", ...words], args, options = {}) => {
      const { status, stdout, stderr } = spawnSync(
        program,
        [...words, process.execPath, ...(options.node ?? []), LOOM, ...args],
        {
          cwd: options.cwd ?? project.root,
          env: { ...whole, ...options.env },
          encoding: "utf8",
          timeout: 30_000,
          killSignal: "SIGKILL",
        },
      );
      return { exitCode: status, stdout, stderr };
    },
    left: () => ({
      processes: marked(mark).map(({ command }) => command),
      files: filesLeft(project.root, temporary),
      verdict: project.verdict(),
    }),
  };
}

/** What the evidence of a project has that a closed run has no use for, and what lies in a folder for temporary files. */
export function filesLeft(root: string, temporary: string): string[] {
  const runtime = join(root, ".loom/.runtime");
  const kept = existsSync(runtime) ? readdirSync(runtime, { recursive: true, encoding: "utf8" }) : [];
  return [
    ...kept.filter((path) => path.endsWith(".tmp") || path.startsWith("active/")),
    ...readdirSync(temporary),
  ];
}

function marked(mark: string): { readonly pid: number; readonly command: string }[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((pid) => {
      try {
        const isMarked = readFileSync(`/proc/${pid}/environ`, "latin1")
          .split("\0")
          .includes(`LOOM_E2E_PLACE=${mark}`);
        const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
        return isMarked ? [{ pid: Number(pid), command }] : [];
      } catch {
        return [];
      }
    });
}
