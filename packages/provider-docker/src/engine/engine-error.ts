import type { EventError } from "@loom/core";
import { errnoCode, systemErrorReason } from "@loom/system";

/** What dockerode throws for an answer of the engine. */
interface EngineAnswer {
  readonly statusCode: number;
  readonly json?: { readonly message?: unknown };
}

/**
 * Says what an engine refused.
 *
 * @param what - What was asked of it, as in "Cannot ...".
 * @throws What did not come from the engine or the system: a bug.
 */
export function engineError(what: string, cause: unknown): EventError {
  const answer = answerOf(cause);
  if (answer !== undefined) return { code: codeOf(answer), message: `Cannot ${what}: ${answer.message}` };
  if (errnoCode(cause) === undefined) throw cause;
  const message = `Cannot ${what}: the container engine cannot be reached: ${systemErrorReason(cause)}`;
  return { code: "engine_unreachable", message };
}

/** Whether the engine does not have what was asked for. */
export function isNotThere(cause: unknown): boolean {
  return answerOf(cause)?.statusCode === 404;
}

/** Whether something that others need keeps the engine from doing it. */
export function isConflict(cause: unknown): boolean {
  return answerOf(cause)?.statusCode === 409;
}

/** What an engine says is known by its words only. Source: Docker 20 to 28, Podman 4 and 5. */
const CODES: readonly (readonly [EventError["code"], RegExp])[] = [
  ["engine_no_space", /no space left on device/iu],
  ["image_not_executable", /exec format error|no matching manifest|does not match the specified platform/iu],
  ["image_pull_denied", /pull access denied|unauthorized|authentication required|denied: |no basic auth/iu],
  [
    "image_not_found",
    /no such image|manifest unknown|not found: manifest|repository .* not found|name unknown/iu,
  ],
  ["shell_not_found", /exec: \\?"sh\\?":|executable .?sh.? not found/iu],
];

/** The code of what an engine said. */
export function codeOf({ message }: { readonly message: string }): EventError["code"] {
  return CODES.find(([, words]) => words.test(message))?.[0] ?? "engine_failed";
}

function answerOf(cause: unknown): { readonly statusCode: number; readonly message: string } | undefined {
  if (!(cause instanceof Error) || !("statusCode" in cause) || typeof cause.statusCode !== "number")
    return undefined;
  const { statusCode, json } = cause as Error & EngineAnswer;
  const message = typeof json?.message === "string" ? json.message : cause.message;
  return { statusCode, message: message.trim() };
}
