import { problemAtNode } from "../source/problem-at.ts";
import { entryNode, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { CompleteJob } from "./complete-jobs.ts";
import { isText } from "./text-warning.ts";

/** The least that a reference of each scheme has. Other schemes are the business of whoever runs the workflow. */
const FORMS: readonly { readonly scheme: string; readonly form: RegExp; readonly write: string }[] = [
  { scheme: "env://", form: /^[A-Za-z_]\w*$/, write: "env://NAME, with letters, digits and _" },
  { scheme: "op://", form: /^[^/?]+\/[^/?]+\/[^/?]+/, write: "op://vault/item/field" },
  { scheme: "keepass://", form: /^[^#\s]+#[^/].*:[^:]+$/s, write: "keepass://alias#group/title:Password" },
];

/** References to secrets that no run can resolve, as they lack a part. */
export function secretWarnings(jobs: readonly CompleteJob[]): WorkflowProblem[] {
  const found: WorkflowProblem[] = [];
  const seen = new Set<SourceNode>();
  for (const { source } of jobs) {
    const secrets = entryNode(source, "secrets");
    if (secrets?.kind !== "map" || seen.has(secrets)) continue;
    seen.add(secrets);
    for (const { node } of secrets.entries.values()) {
      const ref = entryNode(node, "ref");
      if (ref === undefined || !isText(ref) || seen.has(ref)) continue;
      seen.add(ref);
      const known = FORMS.find(({ scheme }) => ref.value.startsWith(scheme));
      if (known === undefined || known.form.test(ref.value.slice(known.scheme.length))) continue;
      found.push(problemAtNode(ref, `write this as ${known.write}: a run refuses it`));
    }
  }
  return found;
}
