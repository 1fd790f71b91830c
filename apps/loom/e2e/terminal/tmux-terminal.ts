import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";

/** Whether there is a tmux to test with. */
export const hasTmux: boolean = spawnSync("tmux", ["-V"]).status === 0;

/** Between two looks. Others need the processor. */
export function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15);
}

/** A real terminal of its own, with a shell in a folder. */
export class TmuxTerminal {
  readonly #socket = `loom-e2e-${process.pid}-${Math.floor(performance.now() * 1000)}`;

  constructor(root: string, columns: number, rows: number) {
    const size = ["-x", String(columns), "-y", String(rows)];
    const shell = "env -u CI -u CLAUDECODE -u AI_AGENT LANG=C.UTF-8 EDITOR=less bash --norc";
    this.#tmux("-u", "new-session", "-d", "-s", "t", ...size, "-c", root, shell);
    onTestFinished(() => void this.#tmux("kill-server"));
  }

  type(...keys: string[]): void {
    this.#tmux("send-keys", "-t", "t", ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-t", "t", "-x", String(columns), "-y", String(rows));
  }

  /** What the screen shows; with `history` also what has scrolled off. */
  screen(history = false): string {
    return this.#tmux("capture-pane", "-p", "-t", "t", ...(history ? ["-S", "-"] : []));
  }

  /** Waits until the screen shows a text, for ten seconds at most. */
  shows(text: string | RegExp): string {
    for (const deadline = performance.now() + 10_000; ;) {
      const screen = this.screen();
      if (typeof text === "string" ? screen.includes(text) : text.test(screen)) return screen;
      if (performance.now() > deadline)
        throw new Error(`The screen never showed ${String(text)}:\n${screen}`);
      pause();
    }
  }

  /** Writes all that the terminal gets from now on to a file. */
  record(path: string): void {
    this.#tmux("pipe-pane", "-t", "t", `cat > '${path}'`);
  }

  /** What was copied last. */
  copied(): string {
    return this.#tmux("show-buffer");
  }

  /** The process that the shell runs. */
  foreground(): number {
    const shell = this.#tmux("display", "-p", "-t", "t", "#{pane_pid}").trim();
    return Number(readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").split(" ")[0]);
  }

  /** Whether the alternate screen is on, the cursor shown, and lines wrap. */
  modes(): string {
    return this.#tmux("display", "-p", "-t", "t", "#{alternate_on} #{cursor_flag} #{wrap_flag}").trim();
  }

  #tmux(...args: string[]): string {
    return spawnSync("tmux", ["-L", this.#socket, "-f", "/dev/null", ...args], { encoding: "utf8" }).stdout;
  }
}
