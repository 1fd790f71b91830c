import { unreachable } from "@loom/core";
import type { Complain, SimulationRun } from "../simulated-run.ts";
import { checkCrashImage } from "./check-crash-image.ts";
import { checkDirectory } from "./check-directory.ts";
import { checkEnvelope } from "./check-envelope.ts";
import { checkGates } from "./check-gates.ts";
import { checkJobs } from "./check-jobs.ts";
import { checkOutput } from "./check-output.ts";
import { checkReplay } from "./check-replay.ts";
import { checkResult } from "./check-result.ts";
import { checkStreams } from "./check-streams.ts";

/** Checks a run and what it left against every rule that applies to its ending. */
export function checkRun(run: SimulationRun, complain: Complain): void {
  for (const misuse of run.provider.misuses) complain("a provider is used as its port specifies", misuse);
  for (const misuse of run.disk.misuses) complain("streams are only appended to", misuse);
  checkEnvelope(run, complain);
  checkGates(run, complain);
  checkJobs(run, complain);
  checkOutput(run, complain);
  checkReplay(run, complain);
  checkStreams(run, complain);
  switch (run.ending.kind) {
    case "finished":
      checkResult(run, run.ending.result, complain);
      checkDirectory(run, complain);
      break;
    case "crashed":
      checkCrashImage(run, complain);
      break;
    case "hung":
      complain("a run ends", `nothing is running any more at ${run.tookMs} ms`);
      break;
    case "bug":
      if (run.provider.bugs === 0 && run.world.bootstrap.end !== "rejects" && !run.world.finalize.rejects)
        complain("only an injected bug rejects the run", String(run.ending.error));
      break;
    default:
      return unreachable(run.ending);
  }
}
