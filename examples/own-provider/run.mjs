import { runWorkflow } from "@loom/runner";
import { createCleanRoom } from "./clean-room.mjs";

const run = await runWorkflow({
  providers: { host: createCleanRoom() },
  reporters: ["stream"],
  variables: { COLOUR: "red" },
});
process.exitCode = run.exitCode;
