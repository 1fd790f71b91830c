import { unreachable } from "@loom/core";
import type { KeyEvent } from "../keys/decode-keys.ts";
import type { Reduction } from "./reduction.ts";
import type { Scene } from "./scene.ts";
import type { Overlay, UiState } from "./ui-state.ts";

/** Handles a key while an overlay is open. */
export function reduceOverlay(state: UiState, overlay: Overlay, event: KeyEvent, scene: Scene): Reduction {
  const { overlay: _closed, ...closed } = state;
  const stay: Reduction = { state, effects: [] };
  if (event.kind !== "key") return stay;
  const { key } = event;
  switch (overlay.kind) {
    case "help":
      return reduceHelp(state, overlay, key);
    case "text":
      return reduceText(state, overlay, key);
    case "quit":
      if (key === "escape" || key === "n") return { state: closed, effects: [] };
      if (scene.world.finished)
        return key === "q" || key === "enter" ? { state: closed, effects: [{ kind: "quit" }] } : stay;
      if (key !== "c") return stay;
      return { state: { ...closed, interrupts: state.interrupts + 1 }, effects: [{ kind: "interrupt" }] };
    case "cancel": {
      if (key === "escape" || key === "n" || key === "q") return { state: closed, effects: [] };
      const { job } = overlay;
      if (key === "x" && job !== undefined) return { state: closed, effects: [{ kind: "cancel", job }] };
      return key === "c" ? cancelRun(closed, scene) : stay;
    }
    case "held":
      return reduceHeld(state, overlay, key, scene);
    case "rerun":
      if (key === "escape" || key === "n" || key === "q") return { state: closed, effects: [] };
      if (key !== "enter" && key !== "y" && key !== "r") return stay;
      return { state: closed, effects: [{ kind: "rerun", jobs: overlay.jobs }] };
    default:
      return unreachable(overlay);
  }
}

function cancelRun(state: UiState, { world }: Scene): Reduction {
  if (!world.live) return { state, effects: [{ kind: "cancel" }] };
  return { state: { ...state, interrupts: state.interrupts + 1 }, effects: [{ kind: "interrupt" }] };
}

/** How long a dialog that opened by itself takes no key, which was meant for what it covers. Unit: milliseconds. */
const UNSEEN_MS = 500;

/** The dialog stays open behind a shell, for what comes after it. */
function reduceHeld(
  state: UiState,
  { job, openedAtMs }: Extract<Overlay, { kind: "held" }>,
  key: string,
  scene: Scene,
): Reduction {
  const { overlay: _closed, ...closed } = state;
  if (openedAtMs !== undefined && scene.world.nowMs - openedAtMs < UNSEEN_MS) return { state, effects: [] };
  switch (key) {
    case "r":
      return { state: closed, effects: [{ kind: "resume", job, how: "retry_step" }] };
    case "s":
      return { state, effects: [{ kind: "shell", job }] };
    case "f":
      return { state: closed, effects: [{ kind: "resume", job, how: "continue" }] };
    case "c":
      return cancelRun(closed, scene);
    case "escape":
    case "n":
    case "q":
      return { state: closed, effects: [] };
    default:
      return { state, effects: [] };
  }
}

/** How many lines a key scrolls a text. */
const STEPS: Readonly<Record<string, number>> = {
  down: 1,
  j: 1,
  up: -1,
  k: -1,
  pagedown: 10,
  space: 10,
  pageup: -10,
};

/** Movement keys scroll, any other key closes. */
function reduceText(state: UiState, text: Extract<Overlay, { kind: "text" }>, key: string): Reduction {
  const { overlay: _closed, ...closed } = state;
  const step = STEPS[key];
  if (step === undefined) return { state: closed, effects: [] };
  const top = Math.max(0, Math.min(text.lines.length - 1, text.top + step));
  return { state: { ...state, overlay: { ...text, top } }, effects: [] };
}

/** Arrows scroll, Esc closes, and text filters. */
function reduceHelp(state: UiState, help: Extract<Overlay, { kind: "help" }>, key: string): Reduction {
  const { overlay: _closed, ...closed } = state;
  const next = (change: Partial<typeof help>): Reduction => ({
    state: { ...state, overlay: { ...help, ...change } },
    effects: [],
  });
  switch (key) {
    case "escape":
      return help.filter === "" ? { state: closed, effects: [] } : next({ filter: "", top: 0 });
    case "enter":
      return { state: closed, effects: [] };
    case "down":
      return next({ top: help.top + 1 });
    case "up":
      return next({ top: Math.max(0, help.top - 1) });
    case "pagedown":
      return next({ top: help.top + 10 });
    case "pageup":
      return next({ top: Math.max(0, help.top - 10) });
    case "backspace":
      return next({ filter: help.filter.slice(0, -1), top: 0 });
    case "?":
    case "q":
      if (help.filter === "") return { state: closed, effects: [] };
      return next({ filter: help.filter + key, top: 0 });
    case "space":
      return next({ filter: `${help.filter} `, top: 0 });
    default:
      return Array.from(key).length === 1
        ? next({ filter: help.filter + key, top: 0 })
        : { state, effects: [] };
  }
}
