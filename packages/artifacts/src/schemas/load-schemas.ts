import type { ArtifactSchemas } from "./artifact-schemas.ts";

/**
 * Loads the zod schemas of everything on disk, for programs that check or
 * describe it by themselves (`z.toJSONSchema(schemas.receipt)`).
 *
 * Loaded on use: importing zod takes longer than a whole short command of Loom,
 * whose own readers do without.
 */
export async function loadSchemas(): Promise<ArtifactSchemas> {
  const { artifactSchemas } = await import("./artifact-schemas.ts");
  return artifactSchemas;
}
