import type { DraftValue } from "../draft.ts";
import { at, flagOf, itemsOf, textOf, type ForeignTree } from "../tree.ts";

/** `allow_failure`, by exit code, too; undefined for what cannot be said. */
export function gitlabAllowFailure(node: ForeignTree): DraftValue | undefined {
  const flag = flagOf(node);
  const codes = exitCodesOf(at(node, "exit_codes"));
  return flag ?? (codes.length > 0 ? { exit_codes: codes } : undefined);
}

/** A list of exit codes, or one alone. */
export function exitCodesOf(node: ForeignTree | undefined): number[] {
  return itemsOf(node).flatMap((item) => {
    const code = Number(textOf(item));
    return Number.isInteger(code) && code >= 1 && code <= 255 ? code : [];
  });
}
