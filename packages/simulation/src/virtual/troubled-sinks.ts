import type { RecordSink } from "@loom/ports";
import type { World } from "../world/world.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** A run's faulty readers: one is sometimes behind, one throws. */
export function troubledSinks(world: World, clock: VirtualClock): readonly RecordSink[] {
  const { slowSink, throwingSink } = world;
  return [
    ...(slowSink === undefined ? [] : [slow(slowSink, clock)]),
    ...(throwingSink === undefined ? [] : [throwing(throwingSink.atCall)]),
  ];
}

function slow(behaviour: NonNullable<World["slowSink"]>, clock: VirtualClock): RecordSink {
  let batches = 0;
  return {
    record: () => undefined,
    lines: () => {
      batches += 1;
    },
    flush: () => undefined,
    drained: () => (batches % behaviour.everyBatch === 0 ? clock.sleep(behaviour.takesMs) : undefined),
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
