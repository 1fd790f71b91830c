// Saves one key after the other, and tells each on a line before it begins.
// Arguments: the home of the store, the workspace, the first word of the keys, `one` to save one key again and again.
import { flushCompileCache } from "node:module";
import { epochMs } from "@loom/core";
import { createCacheStore } from "../src/store/cache-store.ts";
import { putArchive } from "../src/store/put-archive.ts";
import { selectEntries } from "../src/select/select-entries.ts";

// It never comes to its end, when Node would write it.
flushCompileCache();
// Whoever reads it stops reading a moment before the kill.
process.stdout.on("error", () => undefined);
const [, , cacheHome = "", workspace = "", word = "", mode] = process.argv;
const clock = { now: () => epochMs(Date.now()), after: () => () => {} };
const store = createCacheStore({ cacheHome, clock });
for (let number = 0; ; number++) {
  const key = mode === "one" ? "one" : `${word}-${number}`;
  process.stdout.write(`${key}\n`);
  const { entries } = selectEntries(workspace, { paths: ["deps"] });
  const put = await putArchive(store, { address: { scope: "s", key, paths: ["deps"] }, workspace, entries });
  if (!put.ok) {
    process.stderr.write(`${put.error.message}\n`);
    process.exitCode = 1;
    break;
  }
}
