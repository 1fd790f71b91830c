/** Value of `--color`. */
export type ColorFlag = "auto" | "always" | "never";

/** What decides about colours. */
export interface ColorInput {
  /** Default: `auto`. */
  readonly flag?: ColorFlag | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the stream in question is a terminal. */
  readonly isTerminal: boolean;
}

/**
 * Decides whether a stream gets colours.
 *
 * The first that speaks decides: the flag, `NO_COLOR` (off), `FORCE_COLOR` or
 * `CLICOLOR_FORCE` (on), `TERM=dumb` (off), whether it is a terminal.
 * A variable speaks when it is present and not empty; `FORCE_COLOR=0` does not.
 *
 * Source: no-color.org and force-color.org, which do not rank themselves.
 */
export function shouldColor(input: ColorInput): boolean {
  const { env } = input;
  if (input.flag === "always") return true;
  if (input.flag === "never") return false;
  if (isSet(env["NO_COLOR"])) return false;
  for (const force of [env["FORCE_COLOR"], env["CLICOLOR_FORCE"]]) {
    if (isSet(force) && force !== "0") return true;
  }
  return input.isTerminal && env["TERM"] !== "dumb";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
