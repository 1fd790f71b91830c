import type { Rule } from "../rule.ts";

/** What the machine lacked, whoever says so. */
export const SYSTEM_RULES: readonly Rule[] = [
  {
    tool: "system",
    pattern: /no space left on device|\bENOSPC\b/i,
    read: () => ({ code: "ENOSPC" }),
  },
  {
    tool: "node",
    pattern: /^FATAL ERROR: (?<message>.*JavaScript heap out of memory.*)$/,
    read: () => ({ code: "out_of_memory" }),
  },
  {
    tool: "system",
    pattern:
      /java\.lang\.OutOfMemoryError|\bENOMEM\b|Cannot allocate memory|^MemoryError\b|std::bad_alloc|^fatal error: runtime: out of memory/,
    read: () => ({ code: "out_of_memory" }),
  },
  {
    tool: "system",
    pattern: /\bEMFILE\b|Too many open files/,
    read: () => ({ code: "EMFILE" }),
  },
];
