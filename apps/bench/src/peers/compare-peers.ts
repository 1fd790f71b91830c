import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, type Measured } from "../measure.ts";
import { run } from "../rows.ts";
import { spreadOf } from "../statistics.ts";
import {
  chainOfJobs,
  independentJobs,
  layeredJobs,
  plainJobs,
  plant,
  type PlainJob,
  type Workload,
} from "../workloads.ts";
import { findPeers } from "./find-peers.ts";

/** What Loom and its peers are given to do. */
export interface PeerWorkload {
  readonly id: string;
  readonly jobs: readonly PlainJob[];
  readonly workload: Workload;
}

/** All workloads of the comparison, each of jobs that do nothing. */
export const PEER_WORKLOADS: readonly PeerWorkload[] = [
  { id: "1 job", jobs: plainJobs(1, 1), workload: independentJobs(1) },
  { id: "200 jobs", jobs: plainJobs(1, 200), workload: independentJobs(200) },
  { id: "1,000 jobs", jobs: plainJobs(1, 1000), workload: independentJobs(1000) },
  { id: "chain of 300", jobs: plainJobs(300, 1), workload: chainOfJobs(300) },
  { id: "10 layers of 100", jobs: plainJobs(10, 100), workload: layeredJobs(10, 100) },
];

/** What one program took. */
export interface PeerResult {
  readonly workload: string;
  readonly program: string;
  /** Medians. */
  readonly seconds: number;
  readonly ratio: number;
  /** Of how many runs. */
  readonly runs: number;
}

/** A program that takes longer than this runs once, and not once for each round. Seconds. */
const LONG = 10;

/** A program that took longer than this for one workload gets none of the next. Seconds. */
const TOO_LONG = 30;

/** The bare loop that all are divided by. */
const FLOOR = "floor";

/** Runs each workload with the floor, Loom and the peers in turn. */
export async function comparePeers(
  workloads: readonly PeerWorkload[],
  { rounds, print }: { readonly rounds: number; readonly print: (text: string) => unknown },
): Promise<{ readonly rounds: number; readonly rows: readonly PeerResult[] }> {
  const folder = mkdtempSync(join(tmpdir(), "loom-bench-peers-"));
  try {
    const place = join(folder, "npm");
    mkdirSync(place);
    const found = findPeers(place);
    for (const peer of found) if ("missing" in peer) print(`${peer.name}: ${peer.missing}`);
    const rows: PeerResult[] = [];
    const slow = new Set<string>();
    for (const [index, { id, jobs, workload }] of workloads.entries()) {
      const inFolder = (name: string): string => {
        const cwd = join(folder, `${index}-${name}`);
        mkdirSync(cwd);
        return cwd;
      };
      const ofLoom = inFolder("loom");
      const programs = new Map<string, Measured>([
        [FLOOR, plant(ofLoom, workload, 2)],
        ["loom", run(ofLoom)],
      ]);
      for (const peer of found) {
        if ("plant" in peer && !slow.has(peer.name))
          programs.set(peer.name, peer.plant(inFolder(peer.name), jobs));
      }
      for (const row of await inTurn(id, programs, rounds)) {
        rows.push(row);
        const { seconds, ratio, runs } = row;
        if (seconds > TOO_LONG) slow.add(row.program);
        print(
          `${id.padEnd(17)} ${row.program.padEnd(7)} ${seconds.toFixed(2).padStart(7)} s ${ratio.toFixed(2).padStart(7)} × floor${runs < rounds ? "  once" : ""}`,
        );
      }
    }
    for (const name of slow) print(`${name}: left out of the rest, as it takes too long`);
    return { rounds, rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inTurn(
  workload: string,
  programs: ReadonlyMap<string, Measured>,
  rounds: number,
): Promise<readonly PeerResult[]> {
  const walls = new Map([...programs.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, program] of programs) {
      const taken = walls.get(name) ?? [];
      if ((taken[0] ?? 0) > LONG) continue;
      const { wall } = await measure(program);
      // The first one warms up, unless it is to be the only one.
      if (round === 1 && taken.length === 1) taken.pop();
      taken.push(wall);
    }
  }
  const floor = spreadOf(walls.get(FLOOR) ?? []).median;
  return [...walls].map(([program, taken]) => {
    const seconds = spreadOf(taken).median;
    return { workload, program, seconds, ratio: seconds / floor, runs: taken.length };
  });
}
