// `npm start`: from a fresh clone to a finished pipeline. Runs on Node 18 and newer.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ENVIRONMENT, ROOT, setUp } from "./setup.mjs";

const EXAMPLE = join(ROOT, "examples/c-program");

setUp();
console.log("Building …");
const built = spawnSync("turbo", ["run", "@loom/loom#build", "--output-logs=errors-only"], {
  cwd: ROOT,
  env: ENVIRONMENT,
  stdio: "inherit",
});
if (built.status !== 0) process.exit(built.status ?? 1);

console.log("Running the example pipeline in examples/c-program …");
const { status } = spawnSync(
  join(ROOT, "node_modules/node/bin/node"),
  [join(ROOT, "apps/loom/bin/loom.cjs"), "run"],
  {
    cwd: EXAMPLE,
    stdio: "inherit",
  },
);
if (status === 0)
  console.log("\nLoom works here. docs/install.md says how to have it as a command in your own projects.");
process.exit(status ?? 1);
