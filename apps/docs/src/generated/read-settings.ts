/** A setting, as the file of `loom config init` explains it. */
export interface ExplainedSetting {
  /** Such as `engine.url`. */
  readonly key: string;
  /** What the file has: a default, or an example where the line is commented out. Empty for a mapping. */
  readonly value: string;
  readonly isExample: boolean;
  readonly meaning: string;
}

/** Reads the settings out of that file: each key belongs to the comment above it. */
export function readSettings(file: string): readonly ExplainedSetting[] {
  const settings: ExplainedSetting[] = [];
  const path: { readonly indent: number; readonly name: string }[] = [];
  let comment: string[] = [];
  for (const line of file.split("\n")) {
    // A part that is commented out is read as if it were not.
    const isExample = /^# +(?:# |[a-z_]+:)/u.test(line);
    const written = isExample ? line.slice("# ".length) : line;
    const [, words] = /^ *# (.*)$/u.exec(written) ?? [];
    const [, spaces = "", name, value = ""] = /^( *)([a-z_]+):(?: (.*))?$/u.exec(written) ?? [];
    if (words !== undefined) comment.push(words);
    else if (name === undefined) comment = [];
    else {
      while ((path.at(-1)?.indent ?? -1) >= spaces.length) path.pop();
      path.push({ indent: spaces.length, name });
      const key = path.map((part) => part.name).join(".");
      settings.push({ key, value, isExample, meaning: comment.join(" ") });
      comment = [];
    }
  }
  return settings;
}
