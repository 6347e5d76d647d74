import { Box, Text } from 'ink'
import { memo } from 'react'
import type { Line } from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'

/** Rows as one text node: Ink lays out a pane, not each of its lines. */
export const Rows = memo(function Rows(props: {
  /** Rows with their SGR, divided by line ends. */
  readonly text: string
  readonly width: number
  readonly height: number
}) {
  return (
    <Box width={props.width} height={props.height} flexShrink={0} flexGrow={0}>
      <Text wrap="truncate">{props.text}</Text>
    </Box>
  )
})

export function writeRows(rows: readonly Line[], theme: Theme): string {
  return rows.map((row) => theme.write(row)).join('\n')
}
