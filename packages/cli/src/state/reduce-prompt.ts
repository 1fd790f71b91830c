import { unreachable } from "@loom/core";
import type { KeyEvent } from "../keys/decode-keys.ts";
import { findJob } from "./find-job.ts";
import { selectJob } from "./move-tree.ts";
import type { Reduction } from "./reduction.ts";
import type { Scene } from "./scene.ts";
import type { Prompt, UiState } from "./ui-state.ts";

/** Takes a key while a person types a line. What is typed works at once; Esc takes it back. */
export function reducePrompt(state: UiState, prompt: Prompt, event: KeyEvent, scene: Scene): Reduction {
  if (event.kind === "mouse") return { state, effects: [] };
  if (prompt.kind === "job") return reduceJobPrompt(state, prompt, event, scene);
  if (event.kind === "paste") return typed(state, prompt, prompt.text + oneLine(event.text));
  const { prompt: _done, ...rest } = state;
  if (event.key === "enter") return finished(rest, prompt, scene);
  const text = edited(prompt.text, event.key);
  return text === undefined ? { state: withText(rest, prompt, ""), effects: [] } : typed(state, prompt, text);
}

/** A search for a job selects as one types, from where it began; Esc goes back there. */
function reduceJobPrompt(
  state: UiState,
  prompt: Prompt,
  event: Exclude<KeyEvent, { readonly kind: "mouse" }>,
  scene: Scene,
): Reduction {
  const { prompt: _done, picked: _chosen, ...rest } = state;
  const origin = prompt.picked === undefined ? rest : { ...rest, picked: prompt.picked };
  const selected = state.picked === undefined ? rest : { ...rest, picked: state.picked };
  if (event.kind === "key" && event.key === "enter")
    return { state: { ...selected, jobSearch: prompt.text }, effects: [] };
  const text = event.kind === "paste" ? prompt.text + oneLine(event.text) : edited(prompt.text, event.key);
  if (text === undefined) return { state: origin, effects: [] };
  const next = { ...prompt, text };
  const from = scene.jobs.findIndex(({ jobId }) => `job:${jobId}` === prompt.picked);
  const found = text === "" ? undefined : findJob(scene.jobs, text, { from: from + 1, direction: 1 });
  if (found === undefined) {
    const notice = text === "" ? {} : { notice: "no such job" };
    return { state: { ...origin, ...notice, prompt: next }, effects: [] };
  }
  return { state: { ...selectJob(origin, found), prompt: next }, effects: [] };
}

/** A line after a key; `undefined` when the key leaves it. */
function edited(text: string, key: string): string | undefined {
  switch (key) {
    case "escape":
      return undefined;
    case "backspace":
      return text === "" ? undefined : Array.from(text).slice(0, -1).join("");
    case "ctrl-u":
      return "";
    case "ctrl-w":
      return text.replace(/\S*\s*$/, "");
    case "space":
      return `${text} `;
    default:
      // Named keys have no place in a line.
      return Array.from(key).length === 1 ? text + key : text;
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
    case "job":
      return { ...state, jobSearch: text };
    default:
      return unreachable(prompt.kind);
  }
}

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- a paste may hold anything
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, " ").trim();
}
