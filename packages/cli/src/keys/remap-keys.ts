import { err, ok, type Result } from "@loom/core";
import { KEY_MAP, type Command, type KeyBinding } from "./key-map.ts";

/** Which keys do what, as {@link remapKeys} returns it. */
export type KeyMap = readonly KeyBinding[];

/** Keys whose names have several letters, as `KeyDecoder` returns them. */
const NAMED =
  /^(?:up|down|left|right|home|end|pageup|pagedown|insert|delete|enter|tab|shift-tab|escape|backspace|space|ctrl-[a-z])$/u;

/** Commands that keep their keys: the footer shows views by number, and users press them in an emergency. */
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
 * Assigns other keys to commands, in place of their default keys.
 *
 * @param keys - From the name of a command, such as `page_down`, to one or more keys, such as `x`, `G`, `ctrl-f` or
 *   `pagedown`.
 * @returns The key map; or, as a clause, why it is not possible: an unknown command or key, a command that keeps its
 *   key, or a key with two meanings in the same place.
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
