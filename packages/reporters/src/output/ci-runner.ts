/** A CI runner whose log viewer folds groups; GitHub's also carries out commands that stand in the output. */
export type CiRunner = "github" | "gitlab";

/** The variable by which each is known. */
export const CI_RUNNER_VARIABLES: { readonly [R in CiRunner]: string } = {
  github: "GITHUB_ACTIONS",
  gitlab: "GITLAB_CI",
};

/**
 * The CI runner that reads the output, if it is one of those.
 *
 * @param env - Environment variables by name.
 */
export function ciRunner(env: Readonly<Record<string, string | undefined>>): CiRunner | undefined {
  return (["github", "gitlab"] as const).find((runner) => isOn(env[CI_RUNNER_VARIABLES[runner]]));
}

/** Whether a variable is set, and not to what means no. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}
