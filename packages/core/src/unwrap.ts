import type { Result } from "./result.ts";

/** What the errors of Loom's functions have in common. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** The file, or the place in a document, that it is about. */
  readonly path?: string | undefined;
}

/**
 * A failure as an exception, for programs that do not handle failures.
 *
 * Tell failures apart by `code`, not by class: two copies of this package have two classes.
 */
export class LoomError extends Error {
  /** The code of the failure; if there are several, of the first. */
  readonly code: string;
  /** The path of the failure, if it has one; if there are several, of the first. */
  declare readonly path?: string;

  /** @param cause - One failure, or several, such as the problems of a workflow: then the message has a line of each. */
  constructor(cause: Failure | readonly Failure[]) {
    const failures: readonly Failure[] = isList(cause) ? cause : [cause];
    super(failures.map(({ message }) => message).join("\n"), { cause });
    this.name = "LoomError";
    const [first] = failures;
    this.code = first?.code ?? "unknown";
    if (first?.path !== undefined) this.path = first.path;
  }
}

/**
 * The value of an answer that worked.
 *
 * @throws {LoomError} For one that did not, with its `code`, its `path` where it has one, and itself as `cause`.
 */
export function unwrap<T>(result: Result<T, Failure | readonly Failure[]>): T {
  if (!result.ok) throw new LoomError(result.error);
  return result.value;
}

function isList(cause: Failure | readonly Failure[]): cause is readonly Failure[] {
  return Array.isArray(cause);
}
