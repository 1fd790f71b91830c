import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loom } from "./loom-command.ts";
import { measure, type Measured } from "./measure.ts";
import type { Row } from "./row.ts";
import { independentJobs, plant, waitingJobs, type Workload } from "./workloads.ts";

/** Jobs of each run. */
const JOBS = 100;

/** Jobs at a time, on this machine and on the worker. */
const SLOTS = 2;

/** Whether this machine has what brings jobs to workers. */
export function hasNats(): boolean {
  return spawnSync("nats-server", ["--version"]).status === 0;
}

/** Jobs of a worker on the same machine, over a server on loopback, against the same without either. */
export function remoteRows(): readonly Row[] {
  return [
    {
      id: "16",
      what: `${JOBS} no-op jobs on a worker over loopback, seconds a job beyond one here`,
      must: 0.025,
      reach: 0.01,
      beyond: true,
      // Of two at a time.
      scale: SLOTS / JOBS,
      compare: (folder) => compared(folder, independentJobs(JOBS)),
    },
    {
      id: "16 throughput",
      what: `${JOBS} jobs of 100 ms on a worker with ${SLOTS} slots, against the same slots here`,
      must: 1.3,
      reach: 1.1,
      compare: (folder) => compared(folder, waitingJobs(JOBS, 0.1)),
    },
  ];
}

function compared(
  folder: string,
  workload: Workload,
): { readonly loom: () => ReturnType<typeof measure>; readonly floor: Measured } {
  const cwd = join(folder, "remote");
  mkdirSync(cwd, { recursive: true });
  plant(cwd, workload, SLOTS);
  // In a snapshot, as the jobs of a worker are always in one.
  const here: Measured = { ...loom(cwd, "run", "--no-tui", "-j", String(SLOTS)), env: { LOOM_IN_PLACE: "" } };
  return {
    floor: here,
    loom: async () => {
      const url = await startedMachines();
      const words = [...here.words, "--engine", url, "--pool", "bench"];
      return await measure({ ...here, words });
    },
  };
}

let machines: Promise<string> | undefined;

/** The address of a server that a worker listens to; both end with this program. */
async function startedMachines(): Promise<string> {
  machines ??= startMachines();
  return await machines;
}

async function startMachines(): Promise<string> {
  const store = mkdtempSync(join(tmpdir(), "loom-bench-nats-"));
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  const server = spawn("nats-server", ["-js", "-sd", store, "-a", "127.0.0.1", "-p", String(port)]);
  endWithThis(server, store);
  await said(server, "stderr", "Server is ready");
  const words = ["worker", "--engine", url, "--pool", "bench", "--slots", String(SLOTS)];
  const { words: command, cwd } = loom(store, ...words);
  const [program = "", ...args] = command;
  const worker = spawn(program, args, { cwd, env: { ...process.env, XDG_CACHE_HOME: store } });
  endWithThis(worker, store);
  await said(worker, "stdout", "takes");
  leave(server);
  leave(worker);
  return url;
}

function endWithThis(child: ChildProcess, folder: string): void {
  process.on("exit", () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
}

/** Nobody waits for it. */
function leave(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
}

async function said(child: ChildProcess, stream: "stdout" | "stderr", word: string): Promise<void> {
  const output = child[stream];
  if (output === null) throw new Error("There is no output");
  for (let text = ""; !text.includes(word);) {
    const [chunk] = (await once(output, "data")) as [Buffer];
    text += String(chunk);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("There is no port");
  return address.port;
}
