import type { Measured } from "../measure.ts";
import type { PlainJob } from "../workloads.ts";

/** Another program that runs jobs in the order of their needs. */
export interface Peer {
  readonly name: string;
  /** Writes what it reads into an empty folder. Returns how it runs all of it, two jobs at a time, nothing from a cache. */
  readonly plant: (folder: string, jobs: readonly PlainJob[]) => Measured;
}

/** A peer, or why it cannot be measured here. */
export type FoundPeer = Peer | { readonly name: string; readonly missing: string };
