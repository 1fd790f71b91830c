import { Box, Transform } from "ink";
import type { ReactElement } from "react";
import { Text } from "ink";

/** What `Rows` shows. */
export interface RowsProps {
  /** Finished rows, none wider than `width`. */
  readonly rows: readonly string[];
  readonly width: number;
  /** Missing rows are left empty. */
  readonly height: number;
}

/**
 * Finished rows, placed by Ink.
 *
 * Ink keeps every text that it ever measured. Here it measures a placeholder, which is the same for every area of the
 * same height, and the rows replace it afterwards.
 */
export function Rows({ rows, width, height }: RowsProps): ReactElement {
  return (
    <Box width={width} height={height} flexShrink={0}>
      <Transform transform={(_placeholder, index) => rows[index] ?? ""}>
        <Text>{"x\n".repeat(Math.max(0, height - 1)) + "x"}</Text>
      </Transform>
    </Box>
  );
}
