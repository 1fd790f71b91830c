import { unreachable } from "@loom/core";
import type { KeyCommand } from "./keys.ts";
import type { ListWindow, Scroll } from "./list-window.ts";

/** What a person did to the screen, as far as it shows. */
export interface ScreenState {
  readonly scroll: Scroll;
  /** How often the run was asked to stop. */
  readonly interrupts: number;
}

/** The screen before anyone touched it. */
export const UNTOUCHED: ScreenState = { scroll: { kind: "follow" }, interrupts: 0 };

/** Carries out a key. `shown` is what the person sees, `height` how many rows of it. */
export function afterKey(
  state: ScreenState,
  command: KeyCommand,
  shown: ListWindow,
  height: number,
): ScreenState {
  const scrolled = (top: number): ScreenState => {
    const lowest = Math.max(0, shown.total - height);
    return { ...state, scroll: { kind: "fixed", top: Math.max(0, Math.min(top, lowest)) } };
  };
  switch (command) {
    case "up":
      return scrolled(shown.top - 1);
    case "down":
      return scrolled(shown.top + 1);
    case "page_up":
      return scrolled(shown.top - height);
    case "page_down":
      return scrolled(shown.top + height);
    case "first":
      return scrolled(0);
    case "last":
      return scrolled(shown.total);
    case "follow":
      return { ...state, scroll: { kind: "follow" } };
    case "interrupt":
      return { ...state, interrupts: state.interrupts + 1 };
    case "repaint":
      return state;
    default:
      return unreachable(command);
  }
}
