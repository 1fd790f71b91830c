import type { ProcessEnd, StopRequest } from "@loom/ports";
import type { TimedChunk, ProcessBehaviour } from "../world/process-behaviour.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What a virtual process runs with. */
export interface ProcessContext {
  readonly clock: VirtualClock;
  readonly stop: StopRequest;
  /** The run's grace. */
  readonly expectedGraceMs: number;
  /** Resolves when the pipe's reader can take more; until then the process waits. */
  readonly print: (chunk: TimedChunk) => Promise<void>;
}

/** How a process ended, and what was wrong with how it was stopped. */
export interface EndedProcess {
  readonly end: ProcessEnd;
  readonly complaint?: string;
}

/**
 * Plays a process's behaviour, stopped as the port specifies: SIGTERM, then SIGKILL after the grace, or SIGKILL
 * at once.
 */
export async function playProcess(behaviour: ProcessBehaviour, host: ProcessContext): Promise<EndedProcess> {
  const { clock, stop } = host;
  if (behaviour.end.kind === "not_started") return { end: behaviour.end };
  const complaint =
    stop.graceMs === host.expectedGraceMs ? undefined : `was given a grace of ${stop.graceMs} ms`;
  const end = await new Promise<ProcessEnd>((resolve, reject) => {
    const life = { over: false };
    const die = (how: ProcessEnd): void => {
      if (life.over) return;
      life.over = true;
      resolve(how);
    };
    live(behaviour, host, { isOver: () => life.over, die }).catch(reject);
    onAbort(stop.terminate, () => {
      react(behaviour, clock, die);
      clock.after(stop.graceMs, () => die({ kind: "signaled", signal: "SIGKILL" }));
    });
    onAbort(stop.kill, () => die({ kind: "signaled", signal: "SIGKILL" }));
  });
  if (behaviour.lateOutput !== undefined) {
    await clock.sleep(behaviour.lateOutput.afterMs);
    await host.print(behaviour.lateOutput);
  }
  return { end, ...(complaint !== undefined && { complaint }) };
}

async function live(
  behaviour: ProcessBehaviour,
  { clock, print }: ProcessContext,
  life: { readonly isOver: () => boolean; readonly die: (how: ProcessEnd) => void },
): Promise<void> {
  for (const chunk of behaviour.chunks) {
    await clock.sleep(chunk.afterMs);
    if (life.isOver()) return;
    await print(chunk);
  }
  if (behaviour.endsAfterMs !== undefined) clock.after(behaviour.endsAfterMs, () => life.die(behaviour.end));
}

function react(behaviour: ProcessBehaviour, clock: VirtualClock, die: (how: ProcessEnd) => void): void {
  const { onTerminate } = behaviour;
  if (onTerminate.kind === "dies") die({ kind: "signaled", signal: "SIGTERM" });
  if (onTerminate.kind === "exits")
    clock.after(onTerminate.afterMs, () => die({ kind: "exited", exitCode: onTerminate.exitCode }));
}

function onAbort(signal: AbortSignal, call: () => void): void {
  if (signal.aborted) call();
  else signal.addEventListener("abort", call, { once: true });
}
