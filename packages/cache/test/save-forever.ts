// Saves one key after another, and prints each on a line before it begins.
// Arguments: the cache home, the workspace, the prefix of the keys, `one` to save one key repeatedly.
import { flushCompileCache } from "node:module";
import { epochMs } from "@loom/core";
import { createCacheStore } from "../src/store/cache-store.ts";
import { putArchive } from "../src/store/put-archive.ts";
import { selectEntries } from "../src/select/select-entries.ts";

// Node writes it on exit, which this process never reaches.
flushCompileCache();
// The reader stops reading just before the kill.
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
