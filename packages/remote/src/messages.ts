import type {
  EventError,
  FactValue,
  GraphNode,
  JobId,
  LogLevel,
  OutputStream,
  PhaseOutcome,
  ProcessEnd,
  RunId,
  SectionName,
} from "@loom/core";
import type { JobSpec, StepSpec } from "@loom/ports";
import type { SentFiles } from "./file-courier.ts";
import type { SealedText } from "./sealed-box.ts";

/** Version of what coordinator and worker say to each other. Only those of one version work together. */
export const CONTRACT_VERSION = 2;

/** What waits in a queue for a worker: one attempt at a job. */
export interface Offer {
  readonly runId: RunId;
  readonly jobId: JobId;
  /** From 1. */
  readonly attempt: number;
}

/** A job as it travels: what its worker has to know that it cannot know by itself. */
export interface TravellingJob {
  readonly node: GraphNode;
  /** The variables in effect. {@link rootMark} stands in them for the folder that the job works in. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of single steps, by their numbers; likewise. */
  readonly stepEnv?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Text that stands for a path which only the worker knows. */
  readonly rootMark: string;
  /** What the job finds when it starts. */
  readonly workspace: SentFiles;
  /** What its `.git` is. Absent: it has none. */
  readonly commit?: SentFiles;
  /** Path in the workspace of the folder that the job works in. Empty for the workspace itself. */
  readonly below: string;
  /** Whether values for its secrets follow, in an order of their own once a worker has it. */
  readonly forwardsSecrets?: true;
}

/** What of a job depends on where it works, for a provider there. `root` is the absolute path of the folder that it works in. */
export function jobAt(travelled: TravellingJob, root: string): Pick<JobSpec, "node" | "env" | "stepEnv"> {
  const written = JSON.stringify(root).slice(1, -1);
  const text = JSON.stringify(travelled).replaceAll(travelled.rootMark, () => written);
  const { node, env, stepEnv } = JSON.parse(text) as TravellingJob;
  return {
    node,
    env,
    ...(stepEnv !== undefined && {
      stepEnv: new Map(Object.entries(stepEnv).map(([step, variables]) => [Number(step), variables])),
    }),
  };
}

/** Values of the run's environment that secrets of a job name, by variable. */
export type ForwardedSecrets = Readonly<Record<string, string>>;

/** A job that has arrived as a whole. */
export interface ReceivedJob extends TravellingJob {
  /** What `env://` means in its secrets. Absent where it means the environment of the worker. */
  readonly forwarded?: ForwardedSecrets;
}

/** Something that the worker of an attempt does, and answers. */
export type Call =
  | { readonly kind: "prepare"; readonly job: TravellingJob }
  | { readonly kind: "run"; readonly step: StepSpec }
  /** Puts files into where the job works, at paths. */
  | { readonly kind: "put"; readonly files: SentFiles; readonly paths: readonly string[] }
  /** Sends what the job has at paths. */
  | { readonly kind: "take"; readonly paths: readonly string[] }
  /** Ends the attempt. */
  | { readonly kind: "close" };

/** What came of a call. */
export type Answer =
  | { readonly kind: "done"; readonly files?: SentFiles }
  | { readonly kind: "failed"; readonly error: EventError }
  | { readonly kind: "ended"; readonly end: ProcessEnd }
  /** What failed is a bug of the worker or of its provider. */
  | { readonly kind: "bug"; readonly message: string };

/** What the coordinator of a run tells the worker of an attempt. */
export type Order =
  /** `call`: its number, from 1. `graceMs`: milliseconds between SIGTERM and SIGKILL when it is stopped. */
  | { readonly kind: "call"; readonly call: number; readonly what: Call; readonly graceMs: number }
  | { readonly kind: "stop"; readonly call: number; readonly how: "terminate" | "kill" }
  /** {@link ForwardedSecrets}, sealed for the worker that has begun. */
  | { readonly kind: "secrets"; readonly sealed: SealedText }
  /** Everything up to this entry of the worker was taken. */
  | { readonly kind: "taken"; readonly upTo: number }
  /** The attempt is over without having been closed: it was taken from the worker. */
  | { readonly kind: "over" };

/** What is told of an attempt, each in the order in which it happens. */
export type Happening =
  /** A worker has the attempt. Its first word. `publicKey`: what to seal for it with. */
  | { readonly kind: "begun"; readonly worker: string; readonly host: string; readonly publicKey: string }
  /** The attempt is over, whatever its worker does. `why`: a clause. */
  | { readonly kind: "fenced"; readonly why: string }
  | { readonly kind: "section"; readonly section: SectionName }
  | { readonly kind: "section_ended"; readonly section: SectionName; readonly outcome: PhaseOutcome }
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly facts?: Readonly<Record<string, FactValue>>;
    }
  /** `bytes`: base64. */
  | { readonly kind: "output"; readonly stream: OutputStream; readonly bytes: string }
  | { readonly kind: "answered"; readonly call: number; readonly answer: Answer };

/** The subjects of one attempt at a job. */
export interface AttemptSubjects {
  /** From the coordinator to the worker. */
  readonly orders: string;
  /** From the worker to the coordinator. Whoever has the next entry of it has the attempt. */
  readonly happenings: string;
}

/** Where the coordinator and the worker of an attempt talk. */
export function subjectsOf({ runId, jobId, attempt }: Offer): AttemptSubjects {
  const name = `${runId}.${jobId}.${attempt}`;
  return { orders: `${name}.orders`, happenings: `${name}.happenings` };
}

/** The name of an attempt in the queue: no other piece of work has it. */
export function offerId({ runId, jobId, attempt }: Offer): string {
  return `${runId}/${jobId}/${attempt}`;
}

/** Where work of a pool waits for workers of this version. */
export function queueOf(pool: string): string {
  return `${pool}-v${CONTRACT_VERSION}`;
}
