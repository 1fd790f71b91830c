import { Box, Text } from "ink";
import type { ReactElement } from "react";
import type { TextStyle } from "../../report/text-style.ts";
import type { RunView } from "../../view/run-view.ts";
import { elapsedText, progressText } from "../row-text.ts";

/** The path gives way long before the progress does; it is known anyway. */
const PATH_SHRINK = 1000;

/** What the header shows. */
export interface HeaderLineProps {
  readonly view: RunView;
  readonly style: TextStyle;
  readonly workflowPath: string;
  readonly nowMs: number;
}

/** Which run this is and how far it got; the time stays on a narrow screen. */
export function HeaderLine({ view, style, workflowPath, nowMs }: HeaderLineProps): ReactElement {
  const progress = view.jobs.length === 0 ? phaseText(view) : progressText(style, view.counts);
  return (
    <Box height={1} paddingX={1}>
      <Box flexShrink={0}>
        <Text>{style.palette.paint("bold", "loom")}</Text>
      </Box>
      <Box flexShrink={PATH_SHRINK} marginLeft={2}>
        <Text wrap="truncate-start">{workflowPath}</Text>
      </Box>
      <Box flexShrink={1} flexGrow={1} marginX={2}>
        <Text wrap="truncate-end">{progress}</Text>
      </Box>
      <Box flexShrink={0}>
        <Text>{elapsedText(view, nowMs)}</Text>
      </Box>
    </Box>
  );
}

function phaseText(view: RunView): string {
  return view.phase === "starting" ? "preparing the workspace" : view.phase;
}
