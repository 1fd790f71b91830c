import type { JobId, ResumeHow } from "@loom/core";
import type { ViewName } from "./ui-state.ts";

/** What a key does outside the screen's state. */
export type Effect =
  | { readonly kind: "interrupt" }
  /** Cancels a job of the visible run, whichever process runs it; without `job`, the whole run. */
  | { readonly kind: "cancel"; readonly job?: JobId }
  /** Asks for a job that waits for that. */
  | { readonly kind: "play"; readonly job: JobId }
  /** Says how a job goes on that is held. */
  | { readonly kind: "resume"; readonly job: JobId; readonly how: ResumeHow }
  /** Opens a shell in the place of a job that is held. */
  | { readonly kind: "shell"; readonly job: JobId }
  | { readonly kind: "quit" }
  | { readonly kind: "suspend" }
  | { readonly kind: "repaint" }
  | { readonly kind: "stream" }
  | { readonly kind: "mouse"; readonly on: boolean }
  | { readonly kind: "copy_path"; readonly absolute: boolean }
  | { readonly kind: "copy_text" }
  | { readonly kind: "open_editor" }
  | { readonly kind: "jump"; readonly to: "match" | "error"; readonly direction: 1 | -1 }
  | { readonly kind: "open_run"; readonly directory: string; readonly view: ViewName }
  /** Compares two runs, given by the absolute paths of their folders. */
  | { readonly kind: "compare"; readonly before: string; readonly after: string }
  | { readonly kind: "close_run" }
  | { readonly kind: "rerun"; readonly jobs: readonly JobId[] };
