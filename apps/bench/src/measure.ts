import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program to measure. */
export interface Measured {
  readonly words: readonly string[];
  readonly cwd: string;
  /** On top of the caller's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are no failure. Default: 0. */
  readonly exitCodes?: readonly number[];
}

/** What one run of a program took. */
export interface Cost {
  /** Seconds from its start to its end. */
  readonly wall: number;
  /** Seconds of processor, of it and all processes that it waited for. */
  readonly cpu: number;
  /** Most memory of the program itself at a time, in bytes; 0 where the system does not say. */
  readonly rss: number;
}

/** What npm tells its scripts is about this benchmark: a program that reads it would run the benchmark again. */
const OUTSIDE = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));

/** How often its memory is looked at. Milliseconds. */
const LOOK_EVERY_MS = 10;

/**
 * Runs a program to its end, its output into nothing.
 *
 * The shell's `time` measures, since Node has no way to ask what a child took.
 *
 * @throws When it does not end as it should.
 */
export async function measure({ words, cwd, env, exitCodes = [0] }: Measured): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), "loom-bench-"));
  const report = join(folder, "time");
  const out = openSync(join(folder, "out"), "w");
  try {
    const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@" 2>&1';
    const times = openSync(report, "w");
    const child = spawn("bash", ["-c", script, "bash", ...words], {
      cwd,
      env: { ...OUTSIDE, LOOM_IN_PLACE: "1", ...env },
      stdio: ["ignore", out, times],
    });
    closeSync(times);
    let rss = 0;
    const look = setInterval(() => (rss = Math.max(rss, memoryOfChild(child.pid ?? 0))), LOOK_EVERY_MS);
    const [code] = (await once(child, "exit")) as [number | null];
    clearInterval(look);
    if (code === null || !exitCodes.includes(code)) {
      const said = readFileSync(join(folder, "out"), "utf8").slice(-2000);
      throw new Error(`${words.join(" ")} ended with ${code ?? "a signal"}:\n${said}`);
    }
    const [wall = 0, user = 0, system = 0] = readFileSync(report, "utf8").trim().split(" ").map(Number);
    return { wall, cpu: user + system, rss };
  } finally {
    closeSync(out);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The most that the only child of a process has taken so far. */
function memoryOfChild(pid: number): number {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    const status = readFileSync(`/proc/${child}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
