import type { OpenLog } from "../log/log-cache.ts";
import type { VisibleRun } from "../screen/visible-run.ts";
import type { Scene } from "../state/scene.ts";
import type { TuiHost } from "../tui-host.ts";

/** What an effect of a key has to do with: what is in sight, and the ways out. */
export interface EffectContext {
  readonly scene: Scene;
  readonly run: VisibleRun;
  /** Absolute path of the project. */
  readonly root: string | undefined;
  readonly host: TuiHost | undefined;
  /** A log by its key; `undefined` where there is none. */
  logAt(key: string): OpenLog | undefined;
  /** Shows a message in the place of the keys. */
  say(notice: string | undefined): void;
  /** Sends the terminal something that no cell shows. */
  send(sequence: string): void;
  /** Lets somebody else have the terminal for a while. */
  lend(work: () => Promise<unknown>): Promise<void>;
}
