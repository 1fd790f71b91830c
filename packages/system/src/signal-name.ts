import { constants } from "node:os";

let names: ReadonlyMap<number, NodeJS.Signals> | undefined;

/** The name of a signal by its number: of two, the one that Node tells. `undefined` where it has none. */
export function signalName(number: number): NodeJS.Signals | undefined {
  names ??= new Map(
    Object.entries(constants.signals)
      .map(([name, each]) => [each, name as NodeJS.Signals] as const)
      // Of two names, the first counts: the last that is put into the map.
      .toReversed(),
  );
  return names.get(number);
}
