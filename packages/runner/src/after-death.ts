import { endLeftovers } from "./dead-runs/finish-dead-run.ts";

// What the death watch of a run starts when the program is gone that ran it: `node after-death.js DIRECTORY PID`.
const [runDirectory, ownerPid] = process.argv.slice(2);
// oxlint-disable-next-line no-restricted-properties -- a program of its own
const { env } = process;
if (runDirectory !== undefined)
  await endLeftovers(runDirectory, { ownerPid: Number(ownerPid), justDied: true, env });
