export { startJobWorker, type JobWorkerOptions } from "./start-job-worker.ts";
