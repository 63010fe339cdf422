import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** As wide as a tile must be to hold a name and its state in one line. */
const TILE_PX_MIN = 236
const GAP_PX = 14

/** How many tiles fit side by side into an element, one at least; follows the window. */
export function useColumns(host: RefObject<HTMLElement | null>): number {
  const [columns, setColumns] = useState(1)
  useEffect(() => {
    const look = (): void => {
      const width = host.current?.clientWidth ?? 0
      setColumns(Math.max(1, Math.floor((width + GAP_PX) / (TILE_PX_MIN + GAP_PX))))
    }
    look()
    addEventListener('resize', look)
    return () => removeEventListener('resize', look)
  }, [])
  return columns
}
