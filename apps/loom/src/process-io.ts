import type { OutputGuard } from "./guard-output.ts";

/** What a command may touch of the process it runs in. Made once, in `main.ts`. */
export interface ProcessIo {
  /** Arguments as given, the program first. */
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Takes what is said to people. Nothing in it is acted on by a terminal. */
  readonly stderr: { write(text: string): unknown };
  /** Knows what became of that which was printed. */
  readonly guard: OutputGuard;
}
