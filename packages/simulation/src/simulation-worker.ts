import { parentPort, workerData } from "node:worker_threads";
import { simulateMany } from "./simulate-many.ts";

// The thread that `simulateAcross` starts: runs its share and returns the result.
const { from, count, stopAfter } = workerData as { from: number; count: number; stopAfter: number };
parentPort?.postMessage(await simulateMany({ from, count, stopAfter }));
