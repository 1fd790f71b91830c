import { Box, Transform } from "ink";
import type { ReactElement } from "react";
import { Text } from "ink";

/** What `Rows` shows. */
export interface RowsProps {
  /** Ready rows, each as wide as the place or shorter. */
  readonly rows: readonly string[];
  readonly width: number;
  /** Rows that are missing are left empty. */
  readonly height: number;
}

/**
 * Ready rows, put in their place by Ink.
 *
 * Ink keeps every text that it ever measured; what it measures here is always
 * the same, and the rows go by it.
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
