export { endRunOnWorkers } from "./end-run.ts";
export { FarJobs, type FarRunOptions, type FarWorkspaces, type TravellingCommit } from "./far-jobs.ts";
export { FileCourier, type CourierOptions, type SentFiles } from "./file-courier.ts";
export { listWorkers, type KnownWorker } from "./leases.ts";
export {
  CONTRACT_VERSION,
  jobAt,
  type ForwardedSecrets,
  type Offer,
  type ReceivedJob,
  type TravellingJob,
} from "./messages.ts";
export type { ArrivedJob } from "./served-attempt.ts";
export { ENGINE_TIMEOUT_MS } from "./worker-watch.ts";
export { ORPHAN_GRACE_MS, startWorker, type Worker, type WorkerOptions } from "./start-worker.ts";
