import { err, ok, type Result } from "@loom/core";
import { KEY_MAP, type Command, type KeyBinding } from "./key-map.ts";

/** Which keys do what; from {@link remapKeys}. */
export type KeyMap = readonly KeyBinding[];

/** Keys with names of several letters, as `KeyDecoder` gives them. */
const NAMED =
  /^(?:up|down|left|right|home|end|pageup|pagedown|insert|delete|enter|tab|shift-tab|escape|backspace|space|ctrl-[a-z])$/u;

/** What keeps its keys: they are drawn where one expects them, or a person in need presses them. */
const FIXED: ReadonlySet<Command> = new Set([
  "view_run",
  "view_graph",
  "view_time",
  "view_failures",
  "view_runs",
  "interrupt",
  "suspend",
]);

/**
 * Gives commands other keys than their own.
 *
 * @param keys - By the name of a command, such as `page_down`: a key or several, such as `x`, `G`, `ctrl-f` or `pagedown`.
 * @returns Why that cannot be: an unknown command or key, or a key that has another meaning in the same place. A clause.
 */
export function remapKeys(
  keys: Readonly<Record<string, string | readonly string[]>>,
): Result<KeyMap, string> {
  const wanted = new Map<string, readonly string[]>();
  for (const [command, value] of Object.entries(keys)) {
    const known = KEY_MAP.filter((row) => row.command === command);
    if (known.length === 0) return err(`there is no command "${command}"`);
    if (known.some((row) => FIXED.has(row.command))) return err(`"${command}" keeps its key`);
    const list = typeof value === "string" ? [value] : value;
    const wrong = list.find((key) => !NAMED.test(key) && Array.from(key).length !== 1);
    if (list.length === 0 || wrong !== undefined)
      return err(
        `"${command}" needs a key, such as x, G, ctrl-f or pagedown${wrong === undefined ? "" : `, not "${wrong}"`}`,
      );
    wanted.set(command, list);
  }
  const map = KEY_MAP.map((row): KeyBinding => {
    const own = wanted.get(row.command);
    if (own === undefined) return row;
    const { shown: _shown, ...rest } = row;
    return { ...rest, keys: own };
  });
  for (const [index, row] of map.entries()) {
    const clash = map.slice(index + 1).find((other) => clashes(row, other));
    if (clash !== undefined) {
      const key = row.keys.find((each) => clash.keys.includes(each));
      return err(`"${key}" would be both "${row.command}" and "${clash.command}"`);
    }
  }
  return ok(map);
}

function clashes(a: KeyBinding, b: KeyBinding): boolean {
  if (a.command === b.command || !a.keys.some((key) => b.keys.includes(key))) return false;
  const { where } = a;
  return where === undefined || b.where === undefined || where.some((place) => b.where?.includes(place));
}
