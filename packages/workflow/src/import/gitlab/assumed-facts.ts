import { isMapping, type Draft, type DraftValue } from "../draft.ts";
import type { ImportNotes } from "../import-notes.ts";
import type { ForeignTree, TreePlace } from "../tree.ts";

/** What GitLab sets and a workflow can set as well: on this machine, a pipeline is a push of the branch. */
const ASSUMED: Readonly<Record<string, { readonly value: string; readonly why: string }>> = {
  CI_PIPELINE_SOURCE: {
    value: "push",
    why: "another one is chosen with --var CI_PIPELINE_SOURCE=merge_request_event",
  },
  CI_DEFAULT_BRANCH: { value: "main", why: "change it if yours is called otherwise" },
  CI_COMMIT_REF_NAME: { value: "$CI_COMMIT_BRANCH", why: "a run here is one of a branch" },
  CI_COMMIT_REF_SLUG: { value: "$CI_COMMIT_BRANCH", why: "the name of the branch is not made into a slug" },
};

/** What Loom itself sets. */
const KNOWN = new Set(
  "CI CI_JOB_NAME CI_JOB_STAGE CI_JOB_STATUS CI_PROJECT_DIR CI_PIPELINE_ID CI_COMMIT_SHA CI_COMMIT_SHORT_SHA CI_COMMIT_BRANCH CI_COMMIT_MESSAGE".split(
    " ",
  ),
);

/** Sets the facts that the configuration relies on where it can, and names the others at their first use. */
export function assumeFacts(
  draft: Draft,
  { root, notes }: { readonly root: ForeignTree; readonly notes: ImportNotes },
): void {
  const given = new Set(Object.keys(draft.variables));
  for (const { keys } of draft.jobs.values()) {
    for (const held of [keys["variables"], ...listOf(keys["matrix"])])
      if (isMapping(held)) for (const name of Object.keys(held)) given.add(name);
  }
  const seen = new Map<string, TreePlace>();
  look(root, (name, place) => {
    if (!KNOWN.has(name) && !given.has(name) && !seen.has(name)) seen.set(name, place);
  });
  for (const [name, place] of seen) {
    const assumed = Object.hasOwn(ASSUMED, name) ? ASSUMED[name] : undefined;
    if (assumed === undefined)
      notes.add(place, `$${name} is not set here: nothing of GitLab is there to set it`);
    else {
      draft.variables[name] = assumed.value;
      notes.add(place, `$${name} is "${assumed.value}" here, set under variables: ${assumed.why}`);
    }
  }
}

const FACT = /\$\{?((?:CI|GITLAB)_[A-Z0-9_]+)/g;

function look(node: ForeignTree, found: (name: string, place: TreePlace) => void): void {
  if (node.kind === "scalar") {
    if (typeof node.value === "string" && node.value.includes("$"))
      for (const [, name = ""] of node.value.matchAll(FACT)) found(name, node);
  } else if (node.kind === "list") for (const item of node.items) look(item, found);
  else if (node.kind === "map") for (const [, entry] of node.entries) look(entry.node, found);
}

function listOf(value: DraftValue | undefined): readonly DraftValue[] {
  return Array.isArray(value) ? (value as readonly DraftValue[]) : [];
}
