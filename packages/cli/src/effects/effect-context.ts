import type { OpenLog } from "../log/log-cache.ts";
import type { VisibleRun } from "../screen/visible-run.ts";
import type { Scene } from "../state/scene.ts";
import type { TuiHost } from "../tui-host.ts";

/** What an effect works with: what is visible, and access to the outside. */
export interface EffectContext {
  readonly scene: Scene;
  readonly run: VisibleRun;
  /** Absolute path of the project. */
  readonly root: string | undefined;
  readonly host: TuiHost | undefined;
  /** A log by its key; `undefined` if there is none. */
  logAt(key: string): OpenLog | undefined;
  /** Shows a message in the status line; `undefined` does nothing. */
  say(notice: string | undefined): void;
  /** Sends the terminal a sequence that changes no cells. */
  send(sequence: string): void;
  /** Lends the terminal to another program until the work settles. */
  lend(work: () => Promise<unknown>): Promise<void>;
}
