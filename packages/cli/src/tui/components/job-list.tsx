import { Box, Text } from "ink";
import type { ReactElement } from "react";
import type { TextStyle } from "../../report/text-style.ts";
import type { ListRow, ListWindow } from "../list-window.ts";
import { jobRow, stageRow } from "../row-text.ts";

/** What the list shows. */
export interface JobListProps {
  readonly list: ListWindow;
  readonly height: number;
  readonly style: TextStyle;
  readonly nameWidth: number;
  readonly nowMs: number;
}

/** Stages with their jobs, as many rows as fit. */
export function JobList({ list, height, style, nameWidth, nowMs }: JobListProps): ReactElement {
  const text = (row: ListRow): string =>
    row.kind === "stage" ? stageRow(style, row.stage) : jobRow(style, row.job, nameWidth, nowMs);
  return (
    <Box flexDirection="column" height={height} flexShrink={0}>
      {list.rows.map((row, index) => (
        // A row is its place on the screen: rows are replaced in place as the list moves.
        <Text key={index} wrap="truncate-end">
          {text(row)}
        </Text>
      ))}
    </Box>
  );
}
