import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { CONFIG_TEMPLATE } from "../config/config-template.ts";
import { guardOutput } from "../guard-output.ts";
import { describeProgram } from "../program.ts";
import { SCHEMAS } from "../schemas/schema-names.ts";

/** A command that does something by itself. */
interface DescribedCommand {
  /** With the words before it, such as `cache list`. */
  readonly name: string;
  readonly usage: string;
  readonly description: string;
  /** What follows the flags in its help. */
  readonly notes: string;
  readonly options: readonly DescribedOption[];
}

interface DescribedOption {
  readonly flags: string;
  readonly description: string;
  readonly choices: readonly string[];
  /** Where the description does not say it. */
  readonly default?: string;
}

// The site of the documentation runs this file, so that its pages say what the program says. Its argument is the file to write.
const [, , path = ""] = process.argv;
const program = describeProgram({
  argv: [],
  cwd: "/",
  env: {},
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  guard: guardOutput(process),
});
writeFileSync(
  path,
  `${JSON.stringify({ commands: commandsBelow(program, ""), configuration: CONFIG_TEMPLATE, schemas: SCHEMAS })}\n`,
);

function commandsBelow(parent: Command, prefix: string): readonly DescribedCommand[] {
  const shown = parent.createHelp().visibleCommands(parent);
  return shown
    .filter((command) => command.name() !== "help")
    .flatMap((command) => {
      const name = `${prefix}${command.name()}`;
      const below = commandsBelow(command, `${name} `);
      return below.length > 0 ? below : [describe(command, name)];
    });
}

function describe(command: Command, name: string): DescribedCommand {
  const options = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== "--help")
    .map((option) => ({
      flags: option.flags,
      description: option.description,
      choices: option.argChoices ?? [],
      ...((typeof option.defaultValue === "string" || typeof option.defaultValue === "number") &&
        !option.description.includes("(default: ") && { default: String(option.defaultValue) }),
    }));
  const usage = `loom ${name} ${command.usage()}`;
  return { name, usage, description: command.description(), notes: notesOf(command), options };
}

/** Commander keeps no list of the texts after a command's help; they are what `outputHelp` writes beyond the help itself. */
function notesOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text.slice(command.helpInformation().length).trim();
}
