/** The name of a system error (`ENOENT`), or `undefined` for anything else that was thrown. */
export function errnoCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("errno" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
