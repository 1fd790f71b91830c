/** What signals lead to. */
export interface SignalActions {
  /** The first signal: a graceful end. */
  readonly stop: (signal: EndSignal) => void;
  /** A second SIGINT: an end without grace. */
  readonly kill: () => void;
}

/** Signals in the hands of a run. */
export interface SignalHandling {
  /** Names the run that signals are for from now on, and those that came before. */
  attach(run: SignalActions): void;
  /** Does what SIGINT does, for a terminal that delivers Ctrl-C as a key. */
  interrupt(): void;
  /** Gives the signals back to Node. */
  restore(): void;
}

/** The signals that end a run. */
export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/**
 * Takes SIGINT, SIGTERM and SIGHUP for a run that is about to be started.
 *
 * The first one asks for a graceful end; a SIGINT after it kills. None of them
 * ends this process: the run closes and finalizes first. What comes before
 * `attach` is carried out then.
 *
 * Below `nohup` a SIGHUP does nothing. Node forgets which signals were ignored
 * when it started, so that is told by the name under which the shell noted the
 * program.
 */
export function handleSignals(env: Readonly<Record<string, string | undefined>>): SignalHandling {
  let actions: SignalActions | undefined;
  const early: EndSignal[] = [];
  let stopping = false;
  const carryOut = (signal: EndSignal): void => {
    if (!stopping) actions?.stop(signal);
    else if (signal === "SIGINT") actions?.kill();
    stopping = true;
  };
  const onSignal = (signal: EndSignal): void => {
    if (isIgnoredSignal(signal, env)) return;
    if (actions === undefined) early.push(signal);
    else carryOut(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    attach: (run) => {
      actions = run;
      for (const signal of early.splice(0)) carryOut(signal);
    },
    interrupt: () => onSignal("SIGINT"),
    restore: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** Whether somebody asked that a signal does nothing. */
export function isIgnoredSignal(
  signal: EndSignal,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return signal === "SIGHUP" && /(?:^|\/)nohup$/u.test(env["_"] ?? "");
}
