import { Box, Text } from 'ink'
import { createContext, memo, useContext, useEffect, useLayoutEffect, useMemo } from 'react'
import type { RowSlots } from '../screen/row-slots.ts'
import type { Line } from '../text/line.ts'

/** Where rows are written; Ink sees only where they stand. */
export const RowSlotsContext = createContext<RowSlots | undefined>(undefined)

/** Rows of a pane: laid out by Ink as signs, written past it. */
export const Rows = memo(function Rows(props: {
  readonly rows: readonly Line[]
  readonly width: number
  readonly height: number
}) {
  const { rows, width, height } = props
  const slots = useContext(RowSlotsContext)
  const slot = useMemo(() => slots?.open(height), [slots, height])
  useLayoutEffect(() => slot?.write(rows), [slot, rows])
  useEffect(() => () => slot?.close(), [slot])
  return (
    <Box width={width} height={height} flexShrink={0} flexGrow={0}>
      <Text wrap="truncate">{slot?.signs ?? ''}</Text>
    </Box>
  )
})
