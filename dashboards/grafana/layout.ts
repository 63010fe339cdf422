import type { GridPos } from '@grafana/grafana-foundation-sdk/dashboard'
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import type { AnyPanel } from './panels.ts'

/** A panel, panels on top of each other in one column, or the heading of what follows. */
export type Item = AnyPanel | readonly AnyPanel[] | RowBuilder

/** Columns of Grafana's grid. */
const COLUMNS = 24

/** Gives every panel its place: from left to right, and on to the next line when a line is full. */
export function placed(items: readonly Item[]): readonly (AnyPanel | RowBuilder)[] {
  let [x, y, lineHeight] = [0, 0, 0]
  const endLine = (): void => {
    y += lineHeight
    x = 0
    lineHeight = 0
  }
  return items.flatMap((item) => {
    if (item instanceof RowBuilder) {
      endLine()
      item.gridPos({ x: 0, y, w: COLUMNS, h: 1 })
      y += 1
      return [item]
    }
    const column = 'build' in item ? [item] : item
    const sizes = column.map((panel) => sizeOf(panel))
    const width = Math.max(...sizes.map(({ w }) => w))
    if (x + width > COLUMNS) endLine()
    let top = y
    for (const size of sizes) {
      Object.assign(size, { x, y: top })
      top += size.h
    }
    lineHeight = Math.max(lineHeight, top - y)
    x += width
    if (x >= COLUMNS) endLine()
    return column
  })
}

function sizeOf(panel: AnyPanel): GridPos {
  const built = panel.build()
  built.gridPos ??= { x: 0, y: 0, w: COLUMNS, h: 8 }
  return built.gridPos
}
