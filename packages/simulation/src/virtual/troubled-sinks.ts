import type { RecordSink } from "@loom/ports";
import type { World } from "../world/world.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** The readers of a run that give trouble: one is behind at times, one throws. */
export function troubledSinks(world: World, clock: VirtualClock): readonly RecordSink[] {
  const { slowSink, throwingSink } = world;
  return [
    ...(slowSink === undefined ? [] : [slow(slowSink, clock)]),
    ...(throwingSink === undefined ? [] : [throwing(throwingSink.atCall)]),
  ];
}

function slow(fate: NonNullable<World["slowSink"]>, clock: VirtualClock): RecordSink {
  let batches = 0;
  return {
    record: () => undefined,
    lines: () => {
      batches += 1;
    },
    flush: () => undefined,
    drained: () => (batches % fate.everyBatch === 0 ? clock.sleep(fate.takesMs) : undefined),
  };
}

function throwing(atCall: number): RecordSink {
  let calls = 0;
  const call = (): undefined => {
    calls += 1;
    if (calls >= atCall) throw new Error("The reader is broken");
  };
  return { record: call, lines: call, flush: call, drained: call };
}
