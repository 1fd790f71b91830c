import { unreachable } from "@loom/core";

/** How a CI runner is told what belongs together. */
export type Fold =
  /** A line above it. */
  | { readonly kind: "heading" }
  /**
   * GitHub's workflow commands. What a job prints could hold some as well, so they are
   * off in between; `token` turns them on again and must be known to nobody else.
   */
  | { readonly kind: "github"; readonly token: string }
  /** GitLab's sections. */
  | { readonly kind: "gitlab" };

/** A block of lines that belong together. */
export interface FoldedBlock {
  /** Of the job. */
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** Each with its newline. */
  readonly text: string;
  /** Whether it stays open: a person should see it. */
  readonly open: boolean;
  /** Unix time in seconds. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/**
 * A block as the runner folds it.
 *
 * Source: GitHub, "Workflow commands" (`group`, `stop-commands`); GitLab,
 * "Custom collapsible sections".
 */
export function foldBlock(fold: Fold, block: FoldedBlock): string {
  const { title, text, open } = block;
  switch (fold.kind) {
    case "heading":
      return `== ${title}\n${text}`;
    case "github": {
      const guarded = guardCommands(fold, text);
      return open ? `${title}\n${guarded}` : `::group::${title}\n${guarded}::endgroup::\n`;
    }
    case "gitlab": {
      const section = `loom_${block.name.replaceAll(/[^A-Za-z0-9_.-]/g, "_")}`;
      const start = `\u001B[0Ksection_start:${block.fromSeconds}:${section}${open ? "" : "[collapsed=true]"}\r\u001B[0K`;
      return `${start}${title}\n${text}\u001B[0Ksection_end:${block.toSeconds}:${section}\r\u001B[0K\n`;
    }
    default:
      return unreachable(fold);
  }
}

/** Text that a job printed, so that the runner takes no command from it. */
export function guardCommands(fold: Fold, text: string): string {
  return fold.kind === "github" && text !== ""
    ? `::stop-commands::${fold.token}\n${text}::${fold.token}::\n`
    : text;
}
