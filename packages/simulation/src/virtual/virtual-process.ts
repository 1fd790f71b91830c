import type { ProcessEnd, StopRequest } from "@loom/ports";
import type { FatedChunk, ProcessFate } from "../world/process-fate.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What a process is run with. */
export interface ProcessContext {
  readonly clock: VirtualClock;
  readonly stop: StopRequest;
  /** The grace that the run was given. */
  readonly expectedGraceMs: number;
  /** Resolves when the reader of the pipe can take more; the process waits. */
  readonly print: (chunk: FatedChunk) => Promise<void>;
}

/** How a process ended, and what was wrong with the way it was asked to. */
export interface EndedProcess {
  readonly end: ProcessEnd;
  readonly complaint?: string;
}

/** Lives out a fate, stopped the way the port has it: SIGTERM, after the grace SIGKILL, or SIGKILL at once. */
export async function playProcess(fate: ProcessFate, host: ProcessContext): Promise<EndedProcess> {
  const { clock, stop } = host;
  if (fate.end.kind === "not_started") return { end: fate.end };
  const complaint =
    stop.graceMs === host.expectedGraceMs ? undefined : `was given a grace of ${stop.graceMs} ms`;
  const end = await new Promise<ProcessEnd>((resolve, reject) => {
    const life = { over: false };
    const die = (how: ProcessEnd): void => {
      if (life.over) return;
      life.over = true;
      resolve(how);
    };
    live(fate, host, { isOver: () => life.over, die }).catch(reject);
    onAbort(stop.terminate, () => {
      react(fate, clock, die);
      clock.after(stop.graceMs, () => die({ kind: "signaled", signal: "SIGKILL" }));
    });
    onAbort(stop.kill, () => die({ kind: "signaled", signal: "SIGKILL" }));
  });
  if (fate.lastWords !== undefined) {
    await clock.sleep(fate.lastWords.afterMs);
    await host.print(fate.lastWords);
  }
  return { end, ...(complaint !== undefined && { complaint }) };
}

async function live(
  fate: ProcessFate,
  { clock, print }: ProcessContext,
  life: { readonly isOver: () => boolean; readonly die: (how: ProcessEnd) => void },
): Promise<void> {
  for (const chunk of fate.chunks) {
    await clock.sleep(chunk.afterMs);
    if (life.isOver()) return;
    await print(chunk);
  }
  if (fate.endsAfterMs !== undefined) clock.after(fate.endsAfterMs, () => life.die(fate.end));
}

function react(fate: ProcessFate, clock: VirtualClock, die: (how: ProcessEnd) => void): void {
  const { onTerminate } = fate;
  if (onTerminate.kind === "dies") die({ kind: "signaled", signal: "SIGTERM" });
  if (onTerminate.kind === "exits")
    clock.after(onTerminate.afterMs, () => die({ kind: "exited", exitCode: onTerminate.exitCode }));
}

function onAbort(signal: AbortSignal, call: () => void): void {
  if (signal.aborted) call();
  else signal.addEventListener("abort", call, { once: true });
}
