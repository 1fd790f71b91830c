import type { Near, Rule, RuleReading } from "../rule.ts";

/** Lines of one message. */
const MESSAGE_LINES = 30;

/** Terraform and OpenTofu, with and without the frame that they draw on a terminal. */
export const TERRAFORM_RULES: readonly Rule[] = [
  {
    tool: "terraform",
    pattern: /^(?<frame>│ )?(?<severity>Error|Warning): (?<message>.+)$/,
    read: ({ frame }, near) => message(near, frame !== undefined),
  },
];

function message(near: Near, isFramed: boolean): RuleReading | undefined {
  const place = near.find(
    /^│?\s+on (?<file>\S+) line (?<line>\d+)(?:[,:]|$)/,
    4,
    /^(?:╵|│ ?(?:Error|Warning): )/,
  );
  const isOwn = isFramed || place !== undefined || /\bTerraform\b/.test(near.at(0) ?? "");
  if (!isOwn) return undefined;
  const close = isFramed ? /^╵/ : /^(?:(?:Error|Warning): |╷|Releasing state|There are some problems)/;
  let last = place?.offset ?? 0;
  for (let offset = 1; offset < MESSAGE_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || close.test(text)) break;
    if (/[^│\s]/.test(text)) last = offset;
  }
  return { ...place?.groups, span: last, last };
}
