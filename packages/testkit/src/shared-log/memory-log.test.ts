import { describeSharedLog } from "./describe-shared-log.ts";
import { MemoryLog } from "./memory-log.ts";

describeSharedLog("MemoryLog", () => {
  const log = new MemoryLog();
  return Promise.resolve({ log, other: log, subject: "a.b", close: () => Promise.resolve() });
});
