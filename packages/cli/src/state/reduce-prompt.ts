import { unreachable } from "@loom/core";
import type { KeyEvent } from "../keys/decode-keys.ts";
import { findJob } from "./find-job.ts";
import { selectJob } from "./move-tree.ts";
import type { Reduction } from "./reduction.ts";
import type { Scene } from "./scene.ts";
import type { Prompt, UiState } from "./ui-state.ts";

/** Handles a key while the user types a line. A filter applies as it is typed, a search at Enter; Esc clears it. */
export function reducePrompt(state: UiState, prompt: Prompt, event: KeyEvent, scene: Scene): Reduction {
  if (event.kind === "mouse") return { state, effects: [] };
  if (prompt.kind === "job") return reduceJobPrompt(state, prompt, event, scene);
  if (event.kind === "paste") return typed(state, prompt, prompt.text + oneLine(event.text));
  const { prompt: _done, ...rest } = state;
  if (event.key === "enter") return finished(rest, prompt, scene);
  const text = edited(prompt.text, event.key);
  return text === undefined ? { state: withText(rest, prompt, ""), effects: [] } : typed(state, prompt, text);
}

/** A job search selects while the user types, starting at the selected job. Esc restores the selection. */
function reduceJobPrompt(
  state: UiState,
  prompt: Prompt,
  event: Exclude<KeyEvent, { readonly kind: "mouse" }>,
  scene: Scene,
): Reduction {
  const { prompt: _done, picked: _picked, ...rest } = state;
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

/** The line after a key; `undefined` if the key leaves the prompt. */
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
      // Other named keys, such as arrows, do nothing.
      return Array.from(key).length === 1 ? text + key : text;
  }
}

function typed(state: UiState, prompt: Prompt, text: string): Reduction {
  // A search starts at Enter, so that the log does not jump while the user types.
  const applied = prompt.kind === "search" ? state : withText(state, prompt, text);
  return { state: { ...applied, prompt: { ...prompt, text } }, effects: [] };
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
      return toFirstRun({ ...state, runsFilter: text });
    case "job":
      return { ...state, jobSearch: text };
    default:
      return unreachable(prompt.kind);
  }
}

function toFirstRun(state: UiState): UiState {
  const { run: _other, ...rest } = state;
  return rest;
}

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- pasted text may contain control characters
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, " ").trim();
}
