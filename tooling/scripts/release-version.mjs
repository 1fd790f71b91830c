// `npm run release:version`: turns the changesets into new versions and changelogs, and has the lockfile agree with them.
import { spawnSync } from "node:child_process";
import { ENVIRONMENT, ROOT, setUp } from "./setup.mjs";

setUp();
for (const [command, ...args] of [
  ["changeset", "version"],
  ["pnpm", "install", "--lockfile-only", "--ignore-scripts", "--reporter=append-only"],
  ["oxfmt", "packages/*/package.json", "apps/*/package.json"],
]) {
  const { status } = spawnSync(command, args, { cwd: ROOT, env: ENVIRONMENT, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
