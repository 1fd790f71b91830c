import type { Argument, Command, Option } from "commander";

/** What a command line is about to name, and what it has named before. */
export interface TypedPlace {
  /** The command that the words have led to. */
  readonly command: Command;
  /** The option whose value is being typed. */
  readonly option?: Option;
  /** The argument that is being typed. */
  readonly argument?: Argument;
  /** What is typed of it so far. */
  readonly text: string;
  /** What stands before that text in the same word, such as `--job=`. */
  readonly before: string;
  /** Whether an option can be named here. */
  readonly takesOptions: boolean;
  /** Whether a command can be named here. */
  readonly takesCommands: boolean;
  /** The workflow that was named. */
  readonly workflow?: string;
}

/**
 * Follows the words of a command line, the last of which is being typed.
 *
 * @param words - Without the program. bash gives `--job=x` as three words.
 */
export function typedPlace(program: Command, words: readonly string[]): TypedPlace {
  const joined = words.filter((word, at) => word !== "=" || !isLong(words[at - 1]));
  const isAfterEquals = words.at(-1) === "=" && isLong(words.at(-2));
  const text = isAfterEquals ? "" : (joined.at(-1) ?? "");
  const earlier = isAfterEquals ? joined : joined.slice(0, -1);

  let command = program;
  let open: Option | undefined;
  let workflow: string | undefined;
  let operands = 0;
  let isOver = false;
  const take = (option: Option | undefined, value: string): void => {
    if (option?.long === "--workflow") workflow = value;
  };
  for (const word of earlier) {
    if (open !== undefined && !(open.variadic && word.startsWith("-"))) {
      take(open, word);
      if (!open.variadic) open = undefined;
    } else if (!isOver && word === "--") {
      isOver = true;
      open = undefined;
    } else if (!isOver && word.startsWith("-")) {
      const { name, value } = splitOption(word);
      const option = findOption(command, name);
      // Flags without a command are those of `run`.
      if (command === program && option === undefined) command = runOf(program);
      const known = option ?? findOption(command, name);
      open = known !== undefined && known.required && value === undefined ? known : undefined;
      if (value !== undefined) take(known, value);
    } else {
      const inner = operands === 0 ? commandsOf(command).find((each) => each.name() === word) : undefined;
      if (inner === undefined) operands += 1;
      else command = inner;
    }
  }

  const argument = command.registeredArguments[operands];
  const known = { command, ...(workflow !== undefined && { workflow }) };
  const none = { takesOptions: false, takesCommands: false, before: "" };
  if (open !== undefined && !(open.variadic && text.startsWith("-"))) {
    return { ...known, ...none, ...lastOfList(open, text), option: open };
  }
  if (!isOver && text.startsWith("-")) {
    const { name, value } = splitOption(text);
    const option = findOption(command, name) ?? findOption(runOf(program), name);
    if (value === undefined || option === undefined) return { ...known, ...none, text, takesOptions: true };
    const inner = lastOfList(option, value);
    return { ...known, ...none, option, text: inner.text, before: `${name}=${inner.before}` };
  }
  return {
    ...known,
    ...none,
    text,
    takesCommands: !isOver && operands === 0,
    ...(argument !== undefined && { argument }),
  };
}

/** The commands that a command has, without those that are nobody's business. */
export function commandsOf(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

/** The options that can stand at a command: at the program itself, those of `run` too. */
export function optionsOf(command: Command): readonly Option[] {
  const own = command.createHelp().visibleOptions(command);
  if (command.parent !== null) return own;
  const names = new Set(own.map(({ long }) => long));
  const more = optionsOf(runOf(command)).filter(({ long }) => !names.has(long));
  return [...own, ...more];
}

function runOf(program: Command): Command {
  return program.commands.find((command) => command.name() === "run") ?? program;
}

function findOption(command: Command, name: string): Option | undefined {
  return command.options.find(({ long, short }) => long === name || short === name);
}

function splitOption(word: string): { readonly name: string; readonly value?: string } {
  const equals = isLong(word) ? word.indexOf("=") : -1;
  return equals < 0 ? { name: word } : { name: word.slice(0, equals), value: word.slice(equals + 1) };
}

/** Of `lint,unit` for `--job`, only the last name is being typed. */
function lastOfList(option: Option, text: string): { readonly text: string; readonly before: string } {
  const from = option.variadic ? text.lastIndexOf(",") + 1 : 0;
  return { text: text.slice(from), before: text.slice(0, from) };
}

function isLong(word: string | undefined): boolean {
  return word?.startsWith("--") === true && word !== "--";
}
