import type { Command } from "commander";
import type * as SecretsCommands from "./commands/secrets.ts";
import type { VaultUpdateFlags } from "./commands/secrets.ts";
import type { ProcessIo } from "./process-io.ts";
import type { ValueFlags } from "./secret-values.ts";

/** Adds `loom secrets` and all below it. */
export function addSecretsCommands(program: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  const carryOut = async (
    command: (carried: typeof SecretsCommands) => number | Promise<number>,
  ): Promise<void> => {
    done(await command(await import("./commands/secrets.ts")));
  };
  const secrets = program
    .command("secrets")
    .description("list which secrets a workflow can refer to, by name, and store some")
    .addHelpText("after", "\nExample:\n  $ loom secrets keepass item list team");

  const keepass = secrets
    .command("keepass")
    .description("what is in KeePass databases; prints names, never a value");
  const vault = keepass.command("vault").description("the databases");
  add(vault, "list", {
    does: "list the databases that LOOM_KEEPASS_DB_<ALIAS>_PATH names",
    example: "loom secrets keepass vault list",
  }).action(async () => carryOut((carried) => carried.keepassVaultListCommand(io)));
  add(vault, "create <alias>", {
    does: "make an empty database (KDBX 4) at that path, with the password and key file that the environment names; never overwrites",
    example: "loom secrets keepass vault create team",
  }).action(async (alias: string) => carryOut((carried) => carried.keepassVaultCreateCommand(alias, io)));
  add(vault, "update <alias>", {
    does: "give a database another password, key file or both; its entries stay",
    example: "loom secrets keepass vault update team --new-password-env NEW_TEAM_PASSWORD",
  })
    .option("--new-password-env <name>", "the name of the variable that holds the new password")
    .option("--new-key-file <path>", "the new key file")
    .action(async (alias: string, flags: VaultUpdateFlags) =>
      carryOut((carried) => carried.keepassVaultUpdateCommand(alias, flags, io)),
    );

  const entry = keepass.command("item").description("the entries of a database");
  add(entry, "list <alias>", {
    does: "list the entries of a database, and the names of their fields",
    example: "loom secrets keepass item list team",
  }).action(async (alias: string) => carryOut((carried) => carried.keepassItemListCommand(alias, io)));
  withValues(
    add(entry, "create <alias> <path>", {
      does: "make the entry GROUP/TITLE, and its groups; never overwrites",
      example: "loom secrets keepass item create team CI/npm/publish --value-env NPM_TOKEN",
    }),
    "Password",
  ).action(async (alias: string, path: string, flags: ValueFlags) =>
    carryOut((carried) => carried.keepassItemCreateCommand({ alias, path }, flags, io)),
  );
  withValues(
    add(entry, "update <alias> <path>", {
      does: "change fields of an entry; what it was stays in its history",
      example: "pass show npm | loom secrets keepass item update team CI/npm/publish --value-stdin",
    }),
    "Password",
  ).action(async (alias: string, path: string, flags: ValueFlags) =>
    carryOut((carried) => carried.keepassItemUpdateCommand({ alias, path }, flags, io)),
  );

  const op = secrets
    .command("op")
    .description(
      "what is in 1Password, with the token of OP_SERVICE_ACCOUNT_TOKEN; prints names, never a value",
    );
  add(op.command("vault").description("the vaults"), "list", {
    does: "list the vaults that the token may read, with their ids",
    example: "loom secrets op vault list",
  }).action(async () => carryOut((carried) => carried.onePasswordVaultListCommand(io)));
  const item = op.command("item").description("the items of a vault");
  add(item, "list <vault>", {
    does: "list the items of a vault, named by its title or id, with their ids",
    example: "loom secrets op item list ci",
  }).action(async (name: string) => carryOut((carried) => carried.onePasswordItemListCommand(name, io)));
  withValues(
    add(item, "create <vault> <title>", {
      does: "make a login in a vault; never a second one of that title",
      example: "loom secrets op item create ci npm --value-env NPM_TOKEN",
    }),
    "password",
  ).action(async (name: string, title: string, flags: ValueFlags) =>
    carryOut((carried) => carried.onePasswordItemCreateCommand({ vault: name, title }, flags, io)),
  );
}

function add(
  parent: Command,
  nameAndArgs: string,
  { does, example }: { readonly does: string; readonly example: string },
): Command {
  return parent.command(nameAndArgs).description(does).addHelpText("after", `\nExample:\n  $ ${example}`);
}

/** @param field - The one that is meant when none is named. */
function withValues(command: Command, field: string): Command {
  const inherited = command.configureOutput();
  return command
    .option(
      "--value-env <[field=]name>",
      "store the value of the variable NAME; may be given several times, with other fields",
      (name: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), name],
    )
    .option("--value-stdin", "store what stdin holds; a single line without its newline")
    .option("--field <name>", `the field of a value for which none is named (default: ${field})`)
    .configureOutput({ outputError: (text, write) => inherited.outputError?.(withoutValues(text), write) });
}

/** A refusal of a command line that does not repeat a value, which whoever guesses at the command puts there. */
function withoutValues(refusal: string): string {
  const hint = "a value is read with --value-env NAME or --value-stdin, never from an argument";
  return refusal
    .replace(/^(error: too many arguments [^:]*):.*$/su, `$1: ${hint}\n`)
    .replace(/^(error: unknown option '[^'=]*)=.*$/su, `$1': ${hint}\n`);
}
