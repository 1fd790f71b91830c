import { Text } from "ink";
import type { ReactElement } from "react";
import type { TextStyle } from "../../report/text-style.ts";
import type { ListWindow } from "../list-window.ts";
import type { ScreenState } from "../screen-state.ts";

/** What the footer shows. */
export interface FooterLineProps {
  readonly list: ListWindow;
  readonly height: number;
  readonly state: ScreenState;
  readonly style: TextStyle;
}

/** The keys that do something now. */
export function FooterLine({ list, height, state, style }: FooterLineProps): ReactElement {
  const parts = [state.interrupts === 0 ? "Ctrl-C cancel" : "cancelling, Ctrl-C again to kill"];
  if (list.total > height) {
    const last = Math.min(list.top + height, list.total);
    parts.push("j/k scroll", `${list.top + 1}-${last} of ${list.total}`);
    if (state.scroll.kind === "fixed") parts.push("f follow");
  }
  return <Text wrap="truncate-end">{` ${style.palette.paint("dim", parts.join("  "))}`}</Text>;
}
