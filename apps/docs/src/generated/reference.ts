/** What `apps/loom/src/reference/write-reference.ts` writes. */
export interface Reference {
  readonly commands: readonly DescribedCommand[];
  /** The file that `loom config init` writes. */
  readonly configuration: string;
  readonly schemas: readonly { readonly name: string; readonly help: string }[];
}

/** A command that does something by itself, such as `cache list`. */
export interface DescribedCommand {
  readonly name: string;
  readonly usage: string;
  readonly description: string;
  readonly notes: string;
  readonly options: readonly DescribedOption[];
}

/** A flag. */
export interface DescribedOption {
  readonly flags: string;
  readonly description: string;
  readonly choices: readonly string[];
  readonly default?: string;
}
