import type { Setting } from '../measure/task.ts'
import { short } from './numbers.ts'

/** One line of a chart: applies a second by the number of clients. */
export interface Series {
  readonly name: string
  readonly points: readonly { readonly clients: number; readonly applies: number }[]
}

/** What is drawn beside each other. */
export interface Panel {
  readonly title: string
  readonly setting: Setting
  readonly series: readonly Series[]
}

const size = { width: 300, height: 260, left: 46, right: 12, top: 50, bottom: 40 }
const looks: readonly { readonly of: RegExp; readonly stroke: string; readonly dash?: string }[] = [
  { of: /^ours$/, stroke: '#0969da' },
  { of: /^ceiling$/, stroke: '#8c959f', dash: '3 3' },
  { of: /bolt/, stroke: '#bc4c00' },
  { of: /./, stroke: '#cf222e' },
]

/** An SVG with a panel for each setting; both axes are logarithmic. */
export function chart(panels: readonly Panel[]): string {
  const applies = panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map((point) => point.applies)))
  const low = 10 ** Math.floor(Math.log10(Math.min(...applies)))
  const high = 10 ** Math.ceil(Math.log10(Math.max(...applies)))
  const drawn = panels.map((panel, at) => group(at * size.width, drawPanel(panel, low, high)))
  const width = panels.length * size.width
  const all = new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))
  const names = [...all].sort((a, b) => looks.indexOf(lookOf(a)) - looks.indexOf(lookOf(b)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${size.height + 30}" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>Applies a second by the number of clients</title>`,
    `<rect width="100%" height="100%" rx="6" fill="#ffffff"/>`,
    ...drawn,
    ...names.map((name, at) => legend(name, size.left + at * 150)),
    '</svg>',
    '',
  ].join('\n')
}

function drawPanel({ title, series }: Panel, low: number, high: number): string[] {
  const counts = [...new Set(series.flatMap(({ points }) => points.map(({ clients }) => clients)))].sort(
    (a, b) => a - b,
  )
  const { width, height, left, right, top, bottom } = size
  const scale = (share: number, from: number, to: number): number => Math.round((from + share * (to - from)) * 10) / 10
  const x = (clients: number): number =>
    scale(counts.length < 2 ? 0.5 : counts.indexOf(clients) / (counts.length - 1), left + 14, width - right - 14)
  const y = (value: number): number => scale(Math.log(value / low) / Math.log(high / low), height - bottom, top)
  const decades = Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, power) => low * 10 ** power)
  return [
    `<text x="${left}" y="22" font-weight="600" fill="#1f2328">${title}</text>`,
    `<text x="${left}" y="${top - 7}" fill="#59636e">applies/s</text>`,
    ...decades.flatMap((value) => [
      `<path d="M${left} ${y(value)}H${width - right}" stroke="#d1d9e0"/>`,
      `<text x="${left - 6}" y="${y(value) + 4}" text-anchor="end" fill="#59636e">${short(value).replace(/\.0+(?=\D|$)/, '')}</text>`,
    ]),
    ...counts.map(
      (count) =>
        `<text x="${x(count)}" y="${height - bottom + 16}" text-anchor="middle" fill="#59636e">${count}</text>`,
    ),
    `<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle" fill="#59636e">clients</text>`,
    ...series.flatMap(({ name, points }) =>
      drawSeries(
        name,
        points.map((point) => [x(point.clients), y(point.applies)]),
      ),
    ),
  ]
}

function drawSeries(name: string, points: readonly (readonly number[])[]): string[] {
  const { stroke, dash } = lookOf(name)
  const line = `<polyline points="${points.map((point) => point.join(',')).join(' ')}" fill="none" stroke="${stroke}" stroke-width="2"${dash === undefined ? '' : ` stroke-dasharray="${dash}"`}/>`
  return [line, ...points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${stroke}"/>`)]
}

function legend(name: string, x: number): string {
  const { stroke } = lookOf(name)
  const y = size.height + 12
  return `<circle cx="${x}" cy="${y}" r="4" fill="${stroke}"/><text x="${x + 9}" y="${y + 4}" fill="#1f2328">${name}</text>`
}

function lookOf(name: string): (typeof looks)[number] {
  return looks.find(({ of }) => of.test(name))!
}

function group(x: number, lines: readonly string[]): string {
  return `<g transform="translate(${x})">\n${lines.join('\n')}\n</g>`
}
