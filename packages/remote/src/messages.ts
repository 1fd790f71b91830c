import type {
  FactValue,
  GraphNode,
  JobCommand,
  JobId,
  JobReport,
  LogLevel,
  OutputStream,
  StreamRef,
} from "@loom/core";

/** A job as it travels: what its worker has to know that it cannot know by itself. */
export interface TravellingJob {
  readonly jobId: JobId;
  readonly node: GraphNode;
  /** From 1. */
  readonly attempt: number;
  /** The variables in effect. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of single steps, by their numbers. */
  readonly stepEnv?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

/** What the coordinator of a run tells the worker of a job. */
export type Order =
  /** Carry out a command. Answered by `performed`. `job`: with `start_job`. */
  | { readonly kind: "perform"; readonly command: JobCommand; readonly job?: TravellingJob }
  /** End what runs, without grace. */
  | { readonly kind: "kill" }
  /** Everything up to this entry of the worker was taken. */
  | { readonly kind: "taken"; readonly upTo: number };

type OmitTime<T> = T extends unknown ? Omit<T, "atMs"> : never;

/** What the worker of a job tells the coordinator, each in the order in which it happened. */
export type Happening =
  | { readonly kind: "report"; readonly input: OmitTime<JobReport> }
  | {
      readonly kind: "log";
      readonly stream: StreamRef;
      readonly level: LogLevel;
      readonly message: string;
      readonly facts?: Readonly<Record<string, FactValue>>;
    }
  | {
      readonly kind: "lines";
      readonly stream: StreamRef;
      readonly output: OutputStream;
      /** Base64. */
      readonly bytes: string;
      readonly ends: readonly number[];
      readonly partial: boolean;
    }
  /** A command was carried out: the number of its order, from 1. `bug`: it could not be, which ends the run. */
  | { readonly kind: "performed"; readonly order: number; readonly bug?: string };

/** The subjects of one job. */
export interface JobSubjects {
  /** From the coordinator to the worker. */
  readonly orders: string;
  /** From the worker to the coordinator. */
  readonly happenings: string;
}

/** Where the coordinator and the worker of a job talk. */
export function subjectsOf(runId: string, jobId: JobId): JobSubjects {
  return { orders: `${runId}.${jobId}.orders`, happenings: `${runId}.${jobId}.happenings` };
}
