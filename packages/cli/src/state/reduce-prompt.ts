import { unreachable } from "@loom/core";
import type { KeyEvent } from "../keys/decode-keys.ts";
import type { Reduction } from "./reduction.ts";
import type { Scene } from "./scene.ts";
import type { Prompt, UiState } from "./ui-state.ts";

/** Takes a key while a person types a line. What is typed works at once; Esc takes it back. */
export function reducePrompt(state: UiState, prompt: Prompt, event: KeyEvent, scene: Scene): Reduction {
  if (event.kind === "mouse") return { state, effects: [] };
  if (event.kind === "paste") return typed(state, prompt, prompt.text + oneLine(event.text));
  const { prompt: _done, ...rest } = state;
  switch (event.key) {
    case "enter":
      return finished(rest, prompt, scene);
    case "escape":
      return { state: withText(rest, prompt, ""), effects: [] };
    case "backspace":
      if (prompt.text === "") return { state: withText(rest, prompt, ""), effects: [] };
      return typed(state, prompt, Array.from(prompt.text).slice(0, -1).join(""));
    case "ctrl-u":
      return typed(state, prompt, "");
    case "ctrl-w":
      return typed(state, prompt, prompt.text.replace(/\S*\s*$/, ""));
    case "space":
      return typed(state, prompt, `${prompt.text} `);
    default:
      // Named keys have no place in a line.
      return Array.from(event.key).length === 1
        ? typed(state, prompt, prompt.text + event.key)
        : { state, effects: [] };
  }
}

function typed(state: UiState, prompt: Prompt, text: string): Reduction {
  const next = { ...prompt, text };
  // A search begins when it is written: until then nothing jumps about.
  const state_ = prompt.kind === "search" ? state : withText(state, prompt, text);
  return { state: { ...state_, prompt: next }, effects: [] };
}

function finished(state: UiState, prompt: Prompt, scene: Scene): Reduction {
  if (prompt.kind !== "search") return { state: withText(state, prompt, prompt.text), effects: [] };
  if (prompt.text === "") return { state, effects: [{ kind: "jump", to: "match", direction: 1 }] };
  const pane = scene.context === "tree" ? { pane: "log" as const } : {};
  return {
    state: { ...state, ...pane, search: prompt.text },
    effects: [{ kind: "jump", to: "match", direction: 1 }],
  };
}

function withText(state: UiState, prompt: Prompt, text: string): UiState {
  switch (prompt.kind) {
    case "search":
      return { ...state, search: text };
    case "filter":
      return { ...state, filter: text };
    case "runs":
      return { ...state, runsFilter: text, run: 0 };
    default:
      return unreachable(prompt.kind);
  }
}

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- a paste may hold anything
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, " ").trim();
}
