// `npm start`: from a fresh clone to a pipeline that ran. Runs on Node 18 and newer.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pnpm, ROOT, setUp } from "./setup.mjs";

const EXAMPLE = join(ROOT, "examples/c-program");

setUp();
console.log("Building …");
const built = pnpm(["exec", "turbo", "run", "build", "--output-logs=errors-only", "--filter=@loom/loom..."]);
if (built !== 0) process.exit(built);

console.log("Running the example pipeline in examples/c-program …");
const { status } = spawnSync(
  join(ROOT, "node_modules/node/bin/node"),
  [join(ROOT, "apps/loom/bin/loom.cjs"), "run"],
  {
    cwd: EXAMPLE,
    stdio: "inherit",
  },
);
process.exit(status ?? 1);
