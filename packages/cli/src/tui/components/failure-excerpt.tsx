import { Box, Text } from "ink";
import type { ReactElement } from "react";
import type { TextStyle } from "../../report/text-style.ts";
import { failureWord, unitTitle } from "../../report/unit-label.ts";
import { cleanLine } from "../../text/clean-line.ts";
import type { FailedJobView } from "../../view/run-view.ts";
import { withoutSpinner } from "../row-text.ts";

/** What the excerpt shows. */
export interface FailureExcerptProps {
  readonly job: FailedJobView;
  /** As printed. */
  readonly lines: readonly string[];
  readonly style: TextStyle;
  readonly columns: number;
}

/** Why a job failed: its step, and the last lines of it. */
export function FailureExcerpt({ job, lines, style, columns }: FailureExcerptProps): ReactElement {
  const { palette, glyphs } = style;
  const { failure } = job;
  const title = `${job.jobId} ${glyphs.inside} ${withoutSpinner(unitTitle(failure.unit))} (${failureWord(failure)})`;
  const options = { color: palette.color, maxCharacters: Math.max(columns, 20), ellipsis: glyphs.ellipsis };
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text wrap="truncate-end">{` ${palette.paint("failed", glyphs.failed)} ${palette.paint("bold", title)}`}</Text>
      {lines.map((line, index) => (
        // Lines have no identity but their place.
        <Text key={index} wrap="truncate-end">
          {`   ${withoutSpinner(cleanLine(line, options))}`}
        </Text>
      ))}
    </Box>
  );
}
