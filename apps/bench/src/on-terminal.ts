import { performance } from "node:perf_hooks";
import pty from "@lydell/node-pty";
import type { Cost } from "./measure.ts";

/** Runs a program on a terminal of 200 columns and 50 rows that takes whatever is written. Its processor time is not known. */
export function onTerminal(words: readonly string[], cwd: string): () => Promise<Cost> {
  const [program = "", ...args] = words;
  return async () => {
    const { CI: _ci, ...env } = process.env;
    const started = performance.now();
    const child = pty.spawn(program, args, {
      cols: 200,
      rows: 50,
      cwd,
      env: { ...env, NODE: process.execPath, LOOM_IN_PLACE: "1", TERM: "xterm-256color", LANG: "C.UTF-8" },
    });
    child.onData(() => undefined);
    const exitCode = await new Promise((resolve) => child.onExit((end) => resolve(end.exitCode)));
    if (exitCode !== 0) throw new Error(`${words.join(" ")} ended with ${String(exitCode)}`);
    return { wall: (performance.now() - started) / 1000, cpu: 0, rss: 0 };
  };
}
