// Builds every library in one process, as `tsup` does in the library's folder. Twenty processes would each load
// pnpm, tsup and TypeScript, which takes longer than the work itself.
import { globSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build } from "tsup";

const ROOT = resolve(import.meta.dirname, "../..");

for (const config of globSync("packages/*/tsup.config.ts", { cwd: ROOT }).toSorted()) {
  const folder = dirname(config);
  console.log(`Building ${folder}`);
  // One after the other, because tsup and the configurations take paths from the working directory.
  process.chdir(join(ROOT, folder));
  try {
    await build({ silent: true });
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
}
