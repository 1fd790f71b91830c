import type { Readable } from "node:stream";
import type { OutputSink } from "@loom/ports";
import type { FifoPool } from "./fifo-pool.ts";
import { OutputReader } from "./output-reader.ts";

/** The two outputs of a step that is about to start. Call either `read` or `discard`. */
export interface StepOutputs {
  /** The `spawn` options for stdout and stderr. */
  readonly stdio: readonly [number | "pipe", number | "pipe"];
  /** Under which absolute paths another process opens them; `undefined` where none can. */
  readonly paths?: readonly [string, string];
  /** Starts reading, once the process runs. */
  read(child: NodePipes, sink: OutputSink): readonly [OutputReader, OutputReader];
  /** Closes everything when the process could not be started. */
  discard(): void;
}

/** The ends of the pipes that Node made for a process, if it did. */
export interface NodePipes {
  readonly stdout?: Readable | null;
  readonly stderr?: Readable | null;
}

/** Opens the outputs of one step: pipes from the pool, or Node's own if it has none. */
export async function openStepOutputs(pool: FifoPool): Promise<StepOutputs> {
  const fifos = await pool.takePair();
  if (fifos === undefined) return NODE_OUTPUTS;
  return {
    stdio: [fifos[0].writeFd, fifos[1].writeFd],
    paths: [fifos[0].path, fifos[1].path],
    read(_child, sink) {
      for (const fifo of fifos) fifo.closeWriteEnd();
      const readers = newReaders(sink);
      fifos[0].readInto(readers[0]);
      fifos[1].readInto(readers[1]);
      return readers;
    },
    discard() {
      for (const fifo of fifos) fifo.discard();
    },
  };
}

const NODE_OUTPUTS: StepOutputs = {
  stdio: ["pipe", "pipe"],
  read(child, sink) {
    const readers = newReaders(sink);
    readInto(child.stdout, readers[0]);
    readInto(child.stderr, readers[1]);
    return readers;
  },
  discard() {
    // spawn() closes its own pipes.
  },
};

function newReaders(sink: OutputSink): readonly [OutputReader, OutputReader] {
  return [new OutputReader("stdout", sink), new OutputReader("stderr", sink)];
}

function readInto(source: Readable | null | undefined, reader: OutputReader): void {
  if (source === null || source === undefined)
    throw new Error("A process that was started with a pipe has none");
  reader.attach({
    resume: () => void source.resume(),
    destroy: () => void source.destroy(),
  });
  source.on("data", (chunk: Buffer) => {
    if (!reader.take(chunk)) source.pause();
  });
  source.once("error", (error) => reader.fail(error));
  source.once("close", () => reader.closed());
}
