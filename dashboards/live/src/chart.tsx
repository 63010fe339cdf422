import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { Finding } from './answers.ts'
import { chartData, type Series } from './chart-data.ts'
import { language, words } from './language.ts'
import { printedNumber, printedTime } from './print.ts'
import type { Limit } from './standing.ts'

export type { Series } from './chart-data.ts'

/** Told apart also by those who do not see red and green alike. */
const INKS = ['#0b6b74', '#b4530a', '#5b3fa8', '#5f6b00', '#9c2463', '#355070'] as const
const LIMIT_INK = '#b3261e'
const COLD_LIMIT_INK = '#1f4fbf'
const SHADE = 'rgba(179, 38, 30, 0.12)'
const GRID_INK = '#dfe5e8'
const TEXT_INK = '#44545c'
const HEIGHT = 320
/** The scale is never so narrow that a compressor's breath looks like a storm, K. */
const SPAN_MIN = 6

interface Drawn {
  readonly fromMs: number
  readonly toMs: number
  readonly series: readonly Series[]
  readonly findings: readonly Finding[]
  readonly limits: readonly Limit[]
  readonly zone: string
}

/** Lines with their band from lowest to highest, limits in force, and excursions as shades. */
export function Chart(drawn: Drawn) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = host.current
    if (element === null) return undefined
    const plot = new uPlot(optionsFor(drawn, element.clientWidth), chartData(drawn.series), element)
    const resize = (): void => plot.setSize({ width: element.clientWidth, height: HEIGHT })
    addEventListener('resize', resize)
    return () => {
      removeEventListener('resize', resize)
      plot.destroy()
    }
  }, [drawn.series, drawn.findings, drawn.limits, language.value])
  return <div class="chart" ref={host} role="img" aria-label={words.value.history} />
}

function optionsFor(drawn: Drawn, width: number): uPlot.Options {
  const { fromMs, toMs, series, limits, zone } = drawn
  const axis = { stroke: TEXT_INK, grid: { stroke: GRID_INK, width: 1 }, ticks: { stroke: GRID_INK } }
  const numbers = limits.map(({ limit }) => limit)
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone),
    scales: {
      x: { min: fromMs / 1_000, max: toMs / 1_000 },
      y: { range: (_plot, low, high) => spanFor(low, high, numbers) },
    },
    axes: [
      { ...axis, space: 74, values: (_plot, ticks) => ticks.map((tick) => tickText(tick, zone)) },
      { ...axis, size: 48, values: (_plot, ticks) => ticks.map((tick) => printedNumber(tick, [])) },
    ],
    series: [
      {
        label: words.value.chartTime,
        value: (_plot, seconds: number | null) =>
          seconds === null ? '' : printedTime(seconds * 1_000, zone),
      },
      ...series.flatMap((each, index) => linesOf(each, INKS[index % INKS.length] ?? INKS[0], numbers)),
    ],
    bands: series.map((each, index) => ({
      series: [index * 3 + 2, index * 3 + 3],
      fill: `${INKS[index % INKS.length] ?? INKS[0]}${each.isJudged ? '26' : '12'}`,
    })),
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
    hooks: { drawAxes: [(plot) => shade(plot, drawn)], draw: [(plot) => drawLimits(plot, limits)] },
  }
}

function linesOf({ name, isJudged }: Series, ink: string, limits: readonly number[]): uPlot.Series[] {
  const value = (_plot: uPlot, celsius: number | null): string =>
    celsius === null || celsius === undefined ? '--' : printedNumber(celsius, limits)
  const edge: uPlot.Series = {
    label: '',
    stroke: 'transparent',
    width: 0,
    points: { show: false },
    class: 'edge',
  }
  const dash = isJudged ? {} : { dash: [3, 3] }
  return [{ label: name, stroke: ink, width: 2, points: { show: false }, value, ...dash }, edge, edge]
}

/** Room for every value and every limit. */
function spanFor(low: number, high: number, limits: readonly number[]): uPlot.Range.MinMax {
  const known = [low, high].filter((each) => Number.isFinite(each))
  const min = Math.min(...known, ...limits)
  const max = Math.max(...known, ...limits)
  if (!Number.isFinite(min) || !Number.isFinite(max)) return [0, 10]
  const room = Math.max(1, (SPAN_MIN - (max - min)) / 2)
  return [Math.floor(min - room), Math.ceil(max + room)]
}

/** The day at midnight, else the minute. */
function tickText(tick: number, zone: string): string {
  const text = printedTime(tick * 1_000, zone)
  return text.endsWith(' 00:00') ? text.slice(0, 5) : text.slice(6)
}

function shade(plot: uPlot, { findings, toMs }: Drawn): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.fillStyle = SHADE
  for (const { start, end } of findings.filter(({ level }) => level === 'range')) {
    const from = Math.max(bbox.left, plot.valToPos(Date.parse(start) / 1_000, 'x', true))
    const to = plot.valToPos((end === null ? toMs : Date.parse(end)) / 1_000, 'x', true)
    ctx.fillRect(from, bbox.top, Math.max(2, Math.min(to, bbox.left + bbox.width) - from), bbox.height)
  }
  ctx.restore()
}

function drawLimits(plot: uPlot, limits: readonly Limit[]): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.font = `${12 * devicePixelRatio}px system-ui, "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif`
  ctx.textAlign = 'right'
  for (const { limit, direction, level } of limits) {
    const y = Math.round(plot.valToPos(limit, 'y', true))
    if (y < bbox.top || y > bbox.top + bbox.height) continue
    ctx.strokeStyle = direction === 'warm' ? LIMIT_INK : COLD_LIMIT_INK
    ctx.fillStyle = ctx.strokeStyle
    ctx.lineWidth = (level === 'range' ? 2 : 1) * devicePixelRatio
    ctx.setLineDash(level === 'range' ? [8, 5] : [2, 5])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    // the name of the range outside of its line, that of the critical value inside, so that they keep apart
    const isAbove = (direction === 'warm') === (level === 'range')
    ctx.textBaseline = isAbove ? 'bottom' : 'top'
    const beyond = isAbove ? -3 : 4
    ctx.fillText(
      limitName(direction, level, limit),
      bbox.left + bbox.width - 6,
      y + beyond * devicePixelRatio,
    )
  }
  ctx.restore()
}

function limitName(direction: Limit['direction'], level: Limit['level'], limit: number): string {
  const range = direction === 'warm' ? words.value.limitWarm : words.value.limitCold
  return `${level === 'critical' ? words.value.limitCritical : range} ${printedNumber(limit, [])}`
}
