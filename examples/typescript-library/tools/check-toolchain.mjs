// Says what this project needs and is not there. Run by `npm run`, which puts every node_modules/.bin from here
// upward on PATH: a compiler of a surrounding workspace is as good as one installed here.
import { spawnSync } from "node:child_process";

const missing = [];

const [major, minor] = process.versions.node.split(".").map(Number);
process.stdout.write(`node ${process.versions.node}\n`);
if (major < 22 || (major === 22 && minor < 18)) {
  missing.push(`Node 22.18 or newer, to run the tests as they are written. This is ${process.versions.node}`);
}

const tsc = spawnSync("tsc", ["--version"], { encoding: "utf8" });
if (tsc.status === 0) process.stdout.write(`tsc ${tsc.stdout.trim()}\n`);
else missing.push("The TypeScript compiler. Get it with: npm install --no-save typescript@6");

for (const what of missing) process.stderr.write(`missing: ${what}\n`);
process.exitCode = missing.length > 0 ? 1 : 0;
