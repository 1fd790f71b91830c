import { endLeftWorker } from "./worker/worker-home.ts";

// What the death watch of a worker starts when its program is gone: `node after-worker-death.js FOLDER PID`.
const [folder, ownerPid] = process.argv.slice(2);
// oxlint-disable-next-line no-restricted-properties -- a program of its own
const { env } = process;
if (folder !== undefined) await endLeftWorker(folder, { ownerPid: Number(ownerPid), justDied: true, env });
