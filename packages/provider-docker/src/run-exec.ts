import { constants } from "node:os";
import type { Duplex } from "node:stream";
import type { ProcessEnd } from "@loom/ports";
import { signalName } from "@loom/system";
import type Docker from "dockerode";
import { readFrames, type TakePiece } from "./output/read-frames.ts";

/** What to run in a container. */
export interface ExecRequest {
  readonly command: readonly string[];
  readonly env?: readonly string[];
  readonly folder?: string;
  /** A user of the container. Default: that of the image. */
  readonly user?: string;
}

/** A process in a container, under way. */
export interface RunningExec {
  /** Resolves with the exit code when the process has ended, whoever still holds its output. */
  readonly ended: Promise<number>;
  /** Resolves when its output is complete. */
  readonly drained: Promise<void>;
  /** Stops reading its output. */
  release(): void;
}

/**
 * How often the engine is asked whether a process has ended whose output goes on. Milliseconds. A process that it
 * started may hold the output for as long as it likes; otherwise the end of the output is the end of the process.
 */
const ASK_EVERY_MS = 250;

/** Starts a process in a container. Rejects when the engine refuses. */
export async function startExec(
  container: Docker.Container,
  { command, env = [], folder, user }: ExecRequest,
  take: TakePiece,
): Promise<RunningExec> {
  const exec = await container.exec({
    Cmd: [...command],
    Env: [...env],
    AttachStdout: true,
    AttachStderr: true,
    ...(folder !== undefined && { WorkingDir: folder }),
    ...(user !== undefined && { User: user }),
  });
  const stream: Duplex = await exec.start({ hijack: true, stdin: false });
  let isDrained = false;
  const drained = readFrames(stream, take).finally(() => {
    isDrained = true;
  });
  // A connection that is lost ends the output; the engine knows what became of the process.
  const quietly = drained.catch(() => undefined);
  return {
    ended: waitForEnd(exec, quietly, () => isDrained),
    drained: quietly,
    release: () => stream.destroy(),
  };
}

async function waitForEnd(
  exec: Docker.Exec,
  drained: Promise<void>,
  isDrained: () => boolean,
): Promise<number> {
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, isDrained() ? ASK_SOON_MS : ASK_EVERY_MS);
    });
    await (isDrained() ? pause : Promise.race([drained, pause]));
    clearTimeout(timer);
    const { Running: running, ExitCode: exitCode } = await exec.inspect();
    if (!running && exitCode !== null) return exitCode;
  }
}

/** The engine notes the end of a process a moment after its output. Milliseconds. */
const ASK_SOON_MS = 5;

/** Runs a process in a container to its end, and gives what it printed on stdout. Rejects when the engine refuses. */
export async function readExec(container: Docker.Container, request: ExecRequest): Promise<string> {
  const chunks: Uint8Array[] = [];
  const running = await startExec(container, request, (stream, bytes) => {
    if (stream === "stdout") chunks.push(new Uint8Array(bytes));
    return undefined;
  });
  await running.ended;
  await running.drained;
  return Buffer.concat(chunks).toString();
}

/** Of the signals, those up to this number end a process. */
const LAST_DEADLY = constants.signals.SIGTERM;

/**
 * How a process ended by its exit code. An engine reports a signal as 128 and its number, as shells do, so a process that
 * ends with such a code by itself counts as ended by the signal.
 */
export function endOf(exitCode: number): ProcessEnd {
  const number = exitCode - 128;
  const signal = number <= LAST_DEADLY ? signalName(number) : undefined;
  return signal === undefined ? { kind: "exited", exitCode } : { kind: "signaled", signal };
}
