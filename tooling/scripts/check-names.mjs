// Rejects file names that do not describe their contents.
import { spawnSync } from "node:child_process";
import { basename } from "node:path";

const FORBIDDEN = /^(utils?|helpers?|common|types|misc|[a-z-]*manager|[a-z-]*handler)\.[cm]?[jt]sx?$/u;

const { stdout } = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
});
const bad = stdout.split("\n").filter((path) => FORBIDDEN.test(basename(path)));
for (const path of bad) console.error(`${path}: name the file after the one thing it exports`);
process.exitCode = bad.length > 0 ? 1 : 0;
