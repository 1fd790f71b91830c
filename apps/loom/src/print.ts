/** Output that waits in memory before its maker is asked to wait. Unit: characters. */
const CHUNK_CHARACTERS = 64 * 1024;

/** Prints much text, no faster than it is read. */
export interface Printer {
  /**
   * Adds text.
   *
   * @returns A promise when whoever makes the text should wait before it makes more.
   */
  print(text: string): Promise<void> | undefined;
  /** Hands over what is still in memory. */
  flush(): Promise<void>;
  /** Whether nobody reads any more: what is printed goes nowhere. */
  readonly closed: boolean;
}

/**
 * Prints to a stream in large pieces.
 *
 * @param guard - What each piece passes through.
 */
export function createPrinter(stream: NodeJS.WriteStream, guard: (text: string) => string): Printer {
  let waiting = "";
  const flush = async (): Promise<void> => {
    const text = waiting;
    waiting = "";
    if (text === "" || isClosed(stream)) return;
    await new Promise<void>((resolve) => {
      // Called once the text is with the operating system, or can never be.
      stream.write(guard(text), () => resolve());
    });
  };
  return {
    print: (text) => {
      waiting += text;
      return waiting.length < CHUNK_CHARACTERS ? undefined : flush();
    },
    flush,
    get closed() {
      return isClosed(stream);
    },
  };
}

function isClosed(stream: NodeJS.WriteStream): boolean {
  return stream.errored !== null || stream.destroyed;
}
