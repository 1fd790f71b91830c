import { CONTRACT_VERSION, listWorkers, type KnownWorker } from "@loom/remote";
import type { NatsExchange } from "@loom/remote/nats";
import { chooseEngine, findSetting } from "@loom/runner/settings";
import { loadInstalled } from "@loom/system";
import { LOOM_VERSION } from "../loom-version.ts";
import { jobsOf, type DoctorPlace } from "./doctor-place.ts";
import { partsOf, type DoctorFinding } from "./doctor-finding.ts";

/** How long a server may take to answer. Milliseconds. */
const ANSWER_WITHIN_MS = 3000;

/** Whether the engine that is configured answers, and who works there. Nothing where none is. */
export async function checkWorkers(place: DoctorPlace): Promise<readonly DoctorFinding[]> {
  const { env, projectRoot } = place;
  const config = { env, repoRoot: projectRoot };
  // Files that cannot be understood are found by another check.
  if (!(await findSetting(config, ({ engine }) => engine)).ok) return [];
  const engine = await chooseEngine(undefined, config);
  if (!engine.ok)
    return [{ state: "failure", found: engine.error.message, advice: "Correct LOOM_ENGINE or engine.url" }];
  if (engine.value === undefined) return [];
  const nats = await loadInstalled(async () => import("@loom/remote/nats"));
  if (!nats.ok) return [{ state: "failure", ...partsOf(`Cannot reach the engine: ${nats.error}`) }];
  const where = engine.value.servers.join(", ");
  let exchange: NatsExchange | undefined;
  try {
    // Makes nothing there.
    exchange = await nats.value.findNatsExchange({ ...engine.value, answerWithinMs: ANSWER_WITHIN_MS });
    if (exchange === undefined) return [nobody(`The engine at ${where} has nothing of Loom yet`)];
    return await findingsOf(where, await listWorkers(exchange.leases), place);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    const advice =
      "Correct that there, or in LOOM_ENGINE and engine of the configuration; loom run --local does without it";
    return [{ state: "failure", found, advice }];
  } finally {
    await exchange?.close();
  }
}

function nobody(found: string): DoctorFinding {
  return { state: "warning", found, advice: "Start a worker: loom worker --pool NAME" };
}

async function findingsOf(
  where: string,
  workers: readonly KnownWorker[],
  place: DoctorPlace,
): Promise<readonly DoctorFinding[]> {
  const able = workers.filter(({ contract }) => contract === CONTRACT_VERSION);
  const others = workers.filter(({ contract }) => contract !== CONTRACT_VERSION);
  const pools = countsOf(able);
  return [
    able.length === 0
      ? nobody(`The engine at ${where} answers, and no worker of this version is there`)
      : { state: "ok", found: `The engine at ${where} answers; ${countOf(able.length)}: ${listOf(pools)}` },
    ...others.map(otherVersion),
    ...(able.length === 0 ? [] : await withoutWorker(pools, place)),
  ];
}

function otherVersion({ name, host, version }: KnownWorker): DoctorFinding {
  return {
    state: "warning",
    subject: name,
    found: `The worker on ${host} has Loom ${version}, and this one, ${LOOM_VERSION}, says its jobs in another way: it takes none of them`,
    advice: "Install the same version of Loom on both",
  };
}

/** Pools that jobs name, and of which there is no worker. */
async function withoutWorker(
  pools: ReadonlyMap<string, number>,
  place: DoctorPlace,
): Promise<readonly DoctorFinding[]> {
  const named = new Map<string, string>();
  for (const { id, runner_pool: pool } of (await jobsOf(place)) ?? [])
    if (pool !== undefined && !pools.has(pool) && !named.has(pool)) named.set(pool, id);
  return [...named].map(([pool, job]) => ({
    state: "warning",
    subject: pool,
    found: `No worker takes jobs of the pool that job ${job} names`,
    advice: `Start one: loom worker --pool ${pool}`,
  }));
}

/** How many workers each pool has. */
function countsOf(workers: readonly KnownWorker[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const pool of workers.flatMap(({ pools }) => pools).toSorted())
    counts.set(pool, (counts.get(pool) ?? 0) + 1);
  return counts;
}

function countOf(workers: number): string {
  return workers === 1 ? "1 worker is there" : `${workers} workers are there`;
}

function listOf(pools: ReadonlyMap<string, number>): string {
  return [...pools].map(([pool, count]) => `${count} of pool ${pool}`).join(", ");
}
