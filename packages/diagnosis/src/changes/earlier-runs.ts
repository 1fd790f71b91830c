import { openRun, type RunListing, type RunReader } from "@loom/artifacts";
import { readRunFacts, type RecordedFacts } from "./read-run-facts.ts";

/** How many earlier runs are looked at by default. */
const MAX_RUNS = 20;

/** Which runs there are. */
export interface EarlierRunsOptions {
  /** As `listRuns` gives them, newest first. */
  readonly runs: readonly RunListing[];
  /** How many earlier runs to look at. Default: 20. */
  readonly maxRuns?: number | undefined;
}

/** A run before the one that is looked at. */
export interface EarlierRun {
  readonly run: RunReader;
  readonly facts: RecordedFacts;
}

/** The finished runs before one, newest first, each read once and only when it is asked for. */
export class EarlierRuns {
  readonly #listings: readonly RunListing[];
  readonly #read = new Map<RunListing, EarlierRun | undefined>();
  readonly #run: RunReader;
  #facts: Promise<RecordedFacts> | undefined;

  constructor(run: RunReader, { runs, maxRuns = MAX_RUNS }: EarlierRunsOptions) {
    const place = runs.findIndex((listing) => listing.runId === run.runId);
    this.#run = run;
    this.#listings = (place === -1 ? runs : runs.slice(place + 1)).slice(0, maxRuns);
  }

  /** How many there are, of whatever workflow. */
  get count(): number {
    return this.#listings.length;
  }

  /** What the run itself recorded. */
  facts(): Promise<RecordedFacts> {
    return (this.#facts ??= readRunFacts(this.#run));
  }

  /** Those of the same workflow; one that cannot be read, or of another workflow, is `undefined`. */
  async *read(): AsyncGenerator<EarlierRun | undefined> {
    const { workflowPath } = await this.facts();
    for (const listing of this.#listings) {
      if (!this.#read.has(listing)) this.#read.set(listing, await readEarlier(listing));
      const earlier = this.#read.get(listing);
      yield workflowPath === undefined || earlier?.facts.workflowPath === workflowPath ? earlier : undefined;
    }
  }
}

async function readEarlier({ receiptPath, directory }: RunListing): Promise<EarlierRun | undefined> {
  if (receiptPath === undefined) return undefined;
  const run = await openRun(directory ?? receiptPath);
  return run.ok ? { run: run.value, facts: await readRunFacts(run.value) } : undefined;
}
