import type { EventError, RunIdentity, RunResult } from "@loom/core";
import type { TrueRecord } from "./evidence/truth.ts";
import type { DiskImage, DiskIncident } from "./virtual/virtual-disk.ts";
import type { VirtualProvider } from "./virtual/virtual-provider.ts";
import type { World } from "./world/world.ts";

/** A rule that a run has broken. */
export interface Complaint {
  /** Name of the rule. */
  readonly rule: string;
  readonly message: string;
}

/** Notes that a rule was broken. */
export type Complain = (rule: string, message: string) => void;

/** How a simulated run ended. */
export type RunEnding =
  | { readonly kind: "finished"; readonly result: RunResult }
  /** The process was gone in the middle of a call to the disk. */
  | { readonly kind: "crashed" }
  /** The engine reported a bug: its own, or one that chance put into the provider. */
  | { readonly kind: "bug"; readonly error: unknown }
  /** Nothing was under way any more, and the run had not ended. */
  | { readonly kind: "hung" };

/** Something that happened to the run from outside. */
export interface OutsideEvent {
  readonly atMs: number;
  readonly what: string;
}

/** A run in its world, from its seed to what it left. */
export interface SimulationRun {
  readonly seed: number;
  readonly world: World;
  readonly identity: RunIdentity;
  readonly ending: RunEnding;
  /** Every record, in the order in which it reached the last sink. */
  readonly records: readonly TrueRecord[];
  /** How many records there were each time a group of records was complete. */
  readonly moments: ReadonlySet<number>;
  readonly provider: VirtualProvider;
  readonly outside: readonly OutsideEvent[];
  /** What was left in the run's directory. */
  readonly image: DiskImage;
  /** The receipt, where one was left. */
  readonly receipt: Uint8Array | undefined;
  readonly disk: {
    readonly incidents: readonly DiskIncident[];
    readonly misuses: readonly string[];
    readonly openCount: number;
    readonly hasRefused: boolean;
    /** Whether it was still refusing when the recorder was closed. */
    readonly isRefusing: boolean;
    readonly calls: number;
  };
  /** What the recorder told of the first piece of evidence that could not be written. */
  readonly fault: EventError | undefined;
  /** Every record up to this one was with the operating system before the last moment. */
  readonly durableSeq: number;
  /** Virtual milliseconds from its start to its end. */
  readonly tookMs: number;
  /** What it broke; empty is good. */
  readonly complaints: readonly Complaint[];
}
