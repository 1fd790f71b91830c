import type { DraftKeys, DraftValue } from "../draft.ts";
import { entriesOf, textsOf, type ForeignTree } from "../tree.ts";

/** One entry of `parallel: matrix`: its variables, each with its value or the list of them. */
export function matrixRow(row: ForeignTree): DraftKeys {
  return Object.fromEntries(
    entriesOf(row).map(([name, entry]): [string, DraftValue] => {
      const values = textsOf(entry.node);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}
