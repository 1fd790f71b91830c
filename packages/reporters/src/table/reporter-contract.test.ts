import { LOGS_DIR, describeReporter } from "@loom/testkit";
import { createReporter, REPORTER_NAMES } from "./reporter-table.ts";

const heading = { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR, workers: 2 };

for (const name of REPORTER_NAMES) {
  describeReporter(`The reporter ${name}`, (output) => createReporter(name, { output, heading, token: "t" }));
}
