import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import type { Cost, Measured } from "./measure.ts";

/** The first thing that a client of the Model Context Protocol says. */
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  },
};

/** The time from the start of a server of the Model Context Protocol to its first answer. Its processor time is not known. */
export function untilAnswer({ words, cwd, env }: Measured): () => Promise<Cost> {
  const [program = "", ...args] = words;
  return async () => {
    const started = performance.now();
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const ended = once(child, "close");
    child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
    const first = await Promise.race([once(child.stdout, "data"), ended.then(() => undefined)]);
    const wall = (performance.now() - started) / 1000;
    child.stdin.end();
    const [exitCode] = (await ended) as [number | null];
    if (first === undefined || exitCode !== 0)
      throw new Error(`${words.join(" ")} ended with ${String(exitCode)}`);
    return { wall, cpu: 0, rss: 0 };
  };
}
