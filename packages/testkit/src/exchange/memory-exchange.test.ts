import { FakeClock } from "../fake-clock.ts";
import { describeSharedLog } from "../shared-log/describe-shared-log.ts";
import { describeExchange } from "./describe-exchange.ts";
import { MemoryExchange } from "./memory-exchange.ts";

describeExchange("MemoryExchange", () => {
  const clock = new FakeClock();
  const exchange = new MemoryExchange(clock);
  return Promise.resolve({
    exchange,
    other: exchange,
    word: "case",
    passes: (ms) => Promise.resolve(clock.advance(ms)),
    close: () => Promise.resolve(),
  });
});

describeSharedLog("The log of MemoryExchange", () => {
  const { log } = new MemoryExchange(new FakeClock());
  return Promise.resolve({ log, other: log, subject: "a.b", close: () => Promise.resolve() });
});
