// Saves and restores one cache, and prints this process's peak memory before and after, in bytes.
// Arguments: the cache home, the workspace.
import { epochMs } from "@loom/core";
import { createCacheStore, restoreCaches, saveCaches } from "../src/index.ts";
import { planCache } from "./plan-cache.ts";

const [, , cacheHome = "", workspace = ""] = process.argv;
const clock = { now: () => epochMs(Date.now()), after: () => () => {} };
const store = createCacheStore({ cacheHome, clock });
const plan = await planCache(workspace);
const before = process.resourceUsage().maxRSS * 1024;
const [saved] = await saveCaches(store, [plan], { workspace, status: "success", restored: [] });
const [restored] = await restoreCaches(store, [plan], { workspace });
const after = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ before, after, saved: saved?.saved, hit: restored?.hit }));
