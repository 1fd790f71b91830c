export { endLeftWorker, type LeftWorker } from "./worker-home.ts";
export { startJobWorker, type JobWorkerOptions } from "./start-job-worker.ts";
