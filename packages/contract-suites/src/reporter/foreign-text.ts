import { jobId } from "@loom/core";
import { graphOf } from "../scripted/graph-of.ts";
import { graphNode, type PlayedRun } from "../scripted/played-run.ts";

const ESCAPE = "\u001B";

/** Control sequences that a job has no business to send to whoever reads a report: title, screen, cursor, colour, bell, and a line over another. */
export const CONTROLS: readonly string[] = [
  `${ESCAPE}]0;foreign`,
  `${ESCAPE}[2J`,
  `${ESCAPE}[1A`,
  `${ESCAPE}[31mforeign`,
  `${ESCAPE}P`,
  "\u0007",
  "foreign\b",
  "\rforeign",
  "\u0000",
];

/** What holds all of them. */
const FOREIGN = `${CONTROLS.join(" ")} end`;

/** Plays a run in which each text that comes from outside holds control sequences. */
export function playForeign(run: PlayedRun): void {
  const error = { code: "exit_code" as const, message: `Step 1 ${FOREIGN}` };
  run.begins(graphOf([graphNode("a", "all", { script: [`echo '${FOREIGN}'`] }), graphNode("b", "all")]));
  run.starts("a", () => {
    const stream = { kind: "section", jobId: jobId("a"), section: "provider" } as const;
    run.logs(stream, "warn", `Looked at ${FOREIGN}`, { provider: FOREIGN, paths: [FOREIGN] });
  });
  run.stepStarts("a", 1);
  for (const stream of ["stdout", "stderr"] as const) {
    run.prints("a", 1, [FOREIGN, "", FOREIGN], { stream });
    run.prints("a", 1, [FOREIGN], { stream, partial: true });
    run.prints("a", 1, [FOREIGN], { stream });
  }
  run.wait(1_000);
  run.stepEnds("a", 1, { exitCode: 1, error });
  run.executionEnds("a", { exitCode: 1, error });
  run.settles("a", "failed", "exit_code");
  run.skips("b", "upstream_failed", ["a"]);
  run.ends("failed");
}
