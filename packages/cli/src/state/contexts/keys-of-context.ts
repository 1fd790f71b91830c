import type { KeyScope } from "../../keys/key-map.ts";
import type { ContextKeys } from "./context-keys.ts";
import { FAILURES_KEYS } from "./failures-keys.ts";
import { GRAPH_KEYS } from "./graph-keys.ts";
import { LOG_KEYS } from "./log-keys.ts";
import { RUNS_KEYS } from "./runs-keys.ts";
import { TIME_KEYS } from "./time-keys.ts";
import { TREE_KEYS } from "./tree-keys.ts";

/** What keys do in each context. */
export const KEYS_OF_CONTEXT: { readonly [C in KeyScope]: ContextKeys } = {
  tree: TREE_KEYS,
  log: LOG_KEYS,
  graph: GRAPH_KEYS,
  time: TIME_KEYS,
  failures: FAILURES_KEYS,
  runs: RUNS_KEYS,
};
