import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { nameColumn } from "../../report/job-lines.ts";
import type { TextStyle } from "../../report/text-style.ts";
import type { RunView } from "../../view/run-view.ts";
import { elapsedText, progressText } from "../row-text.ts";
import type { ScreenLayout } from "../screen-layout.ts";
import type { ScreenState } from "../screen-state.ts";
import type { ScreenSize } from "../terminal/terminal.ts";
import { FailureExcerpt } from "./failure-excerpt.tsx";
import { FooterLine } from "./footer-line.tsx";
import { HeaderLine } from "./header-line.tsx";
import { JobList } from "./job-list.tsx";

/** What the run view shows. */
export interface RunScreenProps {
  readonly view: RunView;
  readonly layout: ScreenLayout;
  readonly state: ScreenState;
  readonly size: ScreenSize;
  readonly style: TextStyle;
  /** Relative to where the user stands. */
  readonly workflowPath: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/** The run view: header, stages with their jobs, the failing job's last lines, keys. */
export function RunScreen(props: RunScreenProps): ReactElement {
  const { view, layout, state, size, style, nowMs } = props;
  if (layout.tiny) {
    return (
      <Text wrap="truncate-end">
        {progressText(style, view.counts)} {elapsedText(view, nowMs)}
      </Text>
    );
  }
  const nameWidth = Math.min(nameColumn(view.jobs), Math.floor(size.columns / 2));
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      <HeaderLine view={view} style={style} workflowPath={props.workflowPath} nowMs={nowMs} />
      <Rule style={style} columns={size.columns} />
      <JobList
        list={layout.list}
        height={layout.listHeight}
        style={style}
        nameWidth={nameWidth}
        nowMs={nowMs}
      />
      {layout.excerpt !== undefined && (
        <>
          <Rule style={style} columns={size.columns} />
          <FailureExcerpt
            job={layout.excerpt.job}
            lines={layout.excerpt.lines}
            style={style}
            columns={size.columns}
          />
        </>
      )}
      <FooterLine list={layout.list} height={layout.listHeight} state={state} style={style} />
    </Box>
  );
}

function Rule({ style, columns }: { readonly style: TextStyle; readonly columns: number }): ReactElement {
  return <Text>{style.palette.paint("dim", style.glyphs.rule.repeat(columns))}</Text>;
}
