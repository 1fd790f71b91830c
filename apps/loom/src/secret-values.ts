import type { ProcessIo } from "./process-io.ts";

/** Where the values of fields come from. Never the command line: other users of the machine see that, and shells keep it. */
export interface ValueFlags {
  /** The field that the value is of, where no other is named. */
  readonly field?: string;
  /** Names of variables, each alone or as `FIELD=NAME`. */
  readonly valueEnv?: readonly string[];
  readonly valueStdin?: boolean;
}

/** How much is read of stdin: no secret is as long. Bytes. Source: our own. */
const MAX_VALUE_BYTES = 1024 * 1024;

/**
 * Reads the values that a command is to store, by name of field.
 *
 * @param field - The field of a value for which none is named.
 * @returns Why there are none, as a sentence without a value, instead.
 */
export async function readSecretValues(
  flags: ValueFlags,
  { env, stdin }: Pick<ProcessIo, "env" | "stdin">,
  field: string,
): Promise<ReadonlyMap<string, string> | string> {
  const usual = flags.field ?? field;
  const values = new Map<string, string>();
  const wanted = (flags.valueEnv ?? []).map((each) => {
    const equals = each.lastIndexOf("=");
    return { name: each.slice(equals + 1), field: equals === -1 ? usual : each.slice(0, equals) };
  });
  const fields = [...wanted.map((each) => each.field), ...(flags.valueStdin === true ? [usual] : [])];
  if (fields.length === 0) return "There is no value: give --value-env NAME or --value-stdin";
  // What was given stays out of these: it may be the value by mistake.
  if (new Set(fields).size < fields.length)
    return "Two values are for the same field: name another one with --value-env FIELD=NAME";
  for (const each of wanted) {
    const value = readNamed(env, each.name);
    if (value === undefined)
      return "A variable that --value-env names is not set or empty: give the name of the variable that holds the value, as NAME or FIELD=NAME";
    values.set(each.field, value);
  }
  if (flags.valueStdin !== true) return values;
  const read = await readValue(stdin);
  if ("problem" in read) return read.problem;
  return values.set(usual, read.value);
}

/** @returns The value of a variable; `undefined` when it is not set or empty. */
export function readNamed(env: ProcessIo["env"], name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value === "" ? undefined : value;
}

type ReadValue = { readonly value: string } | { readonly problem: string };

/** A single line loses the newline that `echo` adds; of several lines, as a key has them, the last one ends like the others. */
async function readValue(stdin: ProcessIo["stdin"]): Promise<ReadValue> {
  if (stdin.isTTY === true)
    return {
      problem:
        "Cannot read the value from a terminal, which would show it: pipe it into loom, or use --value-env NAME",
    };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const read = Buffer.from(chunk as Uint8Array);
    chunks.push(read);
    bytes += read.length;
    if (bytes > MAX_VALUE_BYTES) return { problem: "The value on stdin is longer than 1 MiB" };
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return { problem: "The value on stdin is not text in UTF-8" };
  }
  const value = /^[^\n]*\n$/u.test(text) ? text.replace(/\r?\n$/u, "") : text;
  return value === "" ? { problem: "There is no value on stdin" } : { value };
}
