/** What signals lead to. */
export interface SignalActions {
  /** The first signal: a graceful end. */
  readonly stop: (signal: "SIGINT" | "SIGTERM" | "SIGHUP") => void;
  /** A second SIGINT: an end without grace. */
  readonly kill: () => void;
}

/** Signals in the hands of a run. */
export interface SignalHandling {
  /** Does what SIGINT does, for a terminal that delivers Ctrl-C as a key. */
  interrupt(): void;
  /** Gives the signals back to Node. */
  restore(): void;
}

/**
 * Takes SIGINT, SIGTERM and SIGHUP for a run.
 *
 * The first one asks for a graceful end; a SIGINT after it kills. None of them
 * ends this process: the run closes and finalizes first.
 */
export function handleSignals(actions: SignalActions): SignalHandling {
  let stopping = false;
  const onSignal = (signal: "SIGINT" | "SIGTERM" | "SIGHUP"): void => {
    if (!stopping) actions.stop(signal);
    else if (signal === "SIGINT") actions.kill();
    stopping = true;
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    interrupt: () => onSignal("SIGINT"),
    restore: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
