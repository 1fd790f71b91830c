/** Something found in a text, and what to do about it. */
export interface Finding {
  /** Offset into the text. */
  readonly start: number;
  readonly length: number;
  readonly message: string;
}

/** What each variable of a GitHub runner is here. */
const VARIABLES: Readonly<Record<string, string>> = {
  GITHUB_WORKSPACE: "write $LOOM_PROJECT_DIR instead of $GITHUB_WORKSPACE, which is not set here",
  GITHUB_ENV:
    "set these variables under variables, or export them in a job with carry: [env]: $GITHUB_ENV is not set here",
  GITHUB_OUTPUT: "export what later steps read, in a job with carry: [env]: $GITHUB_OUTPUT is not set here",
  GITHUB_PATH:
    'set PATH under variables, such as PATH: "$LOOM_PROJECT_DIR/tools:$PATH": $GITHUB_PATH is not set here',
};

/** What each value of GitHub's contexts is here. */
const EXPRESSIONS: Readonly<Record<string, string>> = {
  "github.workspace": "$LOOM_PROJECT_DIR",
  "github.sha": "$CI_COMMIT_SHA",
  "github.ref_name": "$CI_COMMIT_BRANCH",
  "github.job": "$LOOM_JOB_ID",
  "github.run_id": "$LOOM_RUN_ID",
};

const VARIABLE =
  /\$(?:\{(GITHUB_(?:WORKSPACE|ENV|OUTPUT|PATH))\}|(GITHUB_(?:WORKSPACE|ENV|OUTPUT|PATH))(?![A-Z0-9_]))/g;
const EXPRESSION = /\$\{\{([^{}\n]{0,200})\}\}/g;

/**
 * Finds what only a runner of GitHub Actions replaces or sets, each kind once.
 *
 * @param given - Variables that the workflow sets itself.
 */
export function githubLeftovers(text: string, given: ReadonlySet<string>): Finding[] {
  if (!text.includes("$")) return [];
  const found = new Map<string, Finding>();
  for (const match of text.matchAll(VARIABLE)) {
    const name = match[1] ?? match[2] ?? "";
    const message = VARIABLES[name];
    if (message === undefined || given.has(name) || found.has(name)) continue;
    if (isSetIn(text.slice(0, match.index), name)) continue;
    found.set(name, { start: match.index, length: match[0].length, message });
  }
  for (const match of text.matchAll(EXPRESSION)) {
    const inner = (match[1] ?? "").trim();
    const message = `${replacementOf(inner)}: nothing replaces \${{ … }} here`;
    if (!found.has(message)) found.set(message, { start: match.index, length: match[0].length, message });
  }
  return [...found.values()];
}

/** Whether commands have set a variable. */
function isSetIn(text: string, name: string): boolean {
  return new RegExp(`(?:^|[\\s;&(])${name}=`).test(text);
}

function replacementOf(inner: string): string {
  const known = EXPRESSIONS[inner];
  if (known !== undefined) return `write ${known}`;
  const [, context, name = ""] = /^(env|vars|secrets|matrix)\.([A-Za-z_]\w*)$/.exec(inner) ?? [];
  if (context === "matrix") return `write a job for each ${name}, with a variable that holds it`;
  if (context !== undefined) return `write $${name}`;
  return "write a variable such as $NAME";
}
