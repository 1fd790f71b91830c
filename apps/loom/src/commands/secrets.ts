import { listKeepassItems, listKeepassVaults } from "@loom/secrets";
import { EXIT_CODE } from "../exit-code.ts";
import { printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";

/**
 * Lists the KeePass databases that the environment names, by alias. None is opened.
 *
 * @returns 0, even when there are none.
 */
export function keepassVaultListCommand({ stdout, stderr, env }: ProcessIo): number {
  const vaults = listKeepassVaults(env);
  if (vaults.length === 0)
    stderr.write("loom: No variable LOOM_KEEPASS_DB_<ALIAS>_PATH names a KeePass database\n");
  stdout.write(linesOf(vaults.map(({ alias, path }) => [alias, path])));
  return EXIT_CODE.success;
}

/**
 * Lists the entries of a KeePass database with the names of their fields, never with a value.
 *
 * @returns 0, even when there are none; 1 when the database cannot be opened.
 */
export async function keepassItemListCommand(
  alias: string,
  { stdout, stderr, env }: ProcessIo,
): Promise<number> {
  const items = await listKeepassItems(env, alias);
  if (!items.ok) {
    stderr.write(printable(`loom: ${items.error.message}\n`));
    return EXIT_CODE.failure;
  }
  stdout.write(linesOf(items.value.map(({ path, fields }) => [path, fields.join(", ")])));
  return EXIT_CODE.success;
}

function linesOf(rows: readonly (readonly [string, string])[]): string {
  const shown = rows.map(([first, second]) => [oneLine(first), oneLine(second)] as const);
  const width = Math.max(0, ...shown.map(([first]) => first.length));
  return shown.map(([first, second]) => `${first.padEnd(width)}  ${second}\n`).join("");
}

/** A title may have more than one line. */
function oneLine(text: string): string {
  return printable(text.replaceAll("\n", "\\n"));
}
