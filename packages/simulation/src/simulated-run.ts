import type { EventError, RunIdentity, RunResult } from "@loom/core";
import type { TrueRecord } from "./evidence/truth.ts";
import type { DiskImage, DiskIncident } from "./virtual/virtual-disk.ts";
import type { VirtualProvider } from "./virtual/virtual-provider.ts";
import type { World } from "./world/world.ts";

/** A rule that a run has broken. */
export interface Complaint {
  /** The rule's name. */
  readonly rule: string;
  readonly message: string;
}

/** Reports a broken rule. */
export type Complain = (rule: string, message: string) => void;

/** How a simulated run ended. */
export type RunEnding =
  | { readonly kind: "finished"; readonly result: RunResult }
  /** The process died during a disk call. */
  | { readonly kind: "crashed" }
  /** The engine reported a bug: its own, or one injected into the provider. */
  | { readonly kind: "bug"; readonly error: unknown }
  /** Nothing was running any more, but the run had not ended. */
  | { readonly kind: "hung" };

/** An external event that affected the run. */
export interface OutsideEvent {
  readonly atMs: number;
  readonly what: string;
}

/** A simulated run, from its seed to what it left. */
export interface SimulationRun {
  readonly seed: number;
  readonly world: World;
  readonly identity: RunIdentity;
  readonly ending: RunEnding;
  /** Every record, in the order they reached the last sink. */
  readonly records: readonly TrueRecord[];
  /** The number of records each time a batch was complete. */
  readonly moments: ReadonlySet<number>;
  readonly provider: VirtualProvider;
  readonly outside: readonly OutsideEvent[];
  /** What was left in the run's directory. */
  readonly image: DiskImage;
  /** The receipt, if one was left. */
  readonly receipt: Uint8Array | undefined;
  readonly disk: {
    readonly incidents: readonly DiskIncident[];
    readonly misuses: readonly string[];
    readonly openCount: number;
    readonly hasRefused: boolean;
    /** Whether it was still failing when the recorder was closed. */
    readonly isRefusing: boolean;
    readonly calls: number;
  };
  /** The recorder's error for the first evidence that could not be written. */
  readonly fault: EventError | undefined;
  /** Every record up to this one had reached the operating system before the last moment. */
  readonly durableSeq: number;
  /** Virtual milliseconds from start to end. */
  readonly tookMs: number;
  /** Broken rules; empty is good. */
  readonly complaints: readonly Complaint[];
}
