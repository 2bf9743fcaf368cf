import { useState } from 'react'
import { useWidth } from './use-width.ts'
import classes from './chart.module.css'

export interface CurvePoint {
  x: number
  y: number
}

interface CurveChartProps {
  /** The question that the curve answers. */
  title: string
  /** In the order of x. */
  points: readonly CurvePoint[]
  /** The highest value that the axis has room for. */
  most: number
  nameX: string
  nameY: string
  wordX: (x: number) => string
  wordY: (y: number) => string
  /** Drawn as steps where a value holds until the next one. */
  steps?: boolean
  /** What is said while there is nothing to draw. */
  empty: string
}

const height = 190
const room = { left: 44, right: 12, top: 10, bottom: 24 }

/** A curve with a cursor that follows the pointer or the arrow keys, and the same as a table. */
export function CurveChart(props: CurveChartProps) {
  const { title, points, most, wordX, wordY } = props
  const [frame, width] = useWidth<HTMLDivElement>()
  const [at, setAt] = useState<number | null>(null)
  const first = points[0]
  const last = points.at(-1)
  const shown = at === null ? last : points[Math.min(at, points.length - 1)]
  const isEmpty = first === undefined || last === undefined || points.length < 2

  function move(step: number): void {
    setAt((old) => Math.max(0, Math.min(points.length - 1, (old ?? points.length - 1) + step)))
  }

  return (
    <figure className={classes.chart}>
      <figcaption className={classes.caption}>
        <span className={classes.title}>{title}</span>
        <span className={classes.value}>
          {!isEmpty && shown !== undefined && `${wordX(shown.x)}: ${wordY(shown.y)}`}
        </span>
      </figcaption>
      <div ref={frame} className={classes.frame} style={{ height }}>
        {isEmpty ? (
          <p className={classes.empty}>{props.empty}</p>
        ) : (
          <svg
            width={width}
            height={height}
            role="img"
            tabIndex={0}
            aria-label={`${title} From ${wordY(first.y)} (${wordX(first.x)}) to ${wordY(last.y)} (${wordX(last.x)}).`}
            onKeyDown={(event) => {
              if (event.key === 'ArrowLeft') move(-1)
              else if (event.key === 'ArrowRight') move(1)
              else return
              event.preventDefault()
            }}
            onPointerMove={(event) => {
              const box = event.currentTarget.getBoundingClientRect()
              setAt(nearest(points, scaleOf(points, width).from(event.clientX - box.left)))
            }}
            onPointerLeave={() => setAt(null)}
          >
            {width > 0 && (
              <Drawing {...props} width={width} most={Math.max(most, 1)} cursor={shown ?? last} />
            )}
          </svg>
        )}
      </div>
      {!isEmpty && <AsTable {...props} />}
    </figure>
  )
}

type DrawingProps = CurveChartProps & { width: number; cursor: CurvePoint }

function Drawing({ points, most, width, cursor, wordX, wordY, steps }: DrawingProps) {
  const toX = scaleOf(points, width).to
  const floor = height - room.bottom
  const toY = (y: number) => floor - (y / most) * (floor - room.top)
  const line = points
    .map((point, index) => {
      const [x, y] = [toX(point.x).toFixed(1), toY(point.y).toFixed(1)]
      return index === 0 ? `M${x},${y}` : steps ? `H${x}V${y}` : `L${x},${y}`
    })
    .join('')
  const [from, until] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0]
  return (
    <>
      {[0, 0.5, 1].map((part) => (
        <g key={part}>
          <line
            x1={room.left}
            x2={width - room.right}
            y1={toY(part * most)}
            y2={toY(part * most)}
            className={classes.grid}
          />
          <text x={room.left - 6} y={toY(part * most) + 4} textAnchor="end" className={classes.tick}>
            {wordY(part * most)}
          </text>
        </g>
      ))}
      {[from, (from + until) / 2, until].map((x, index) => (
        <text
          key={index}
          x={toX(x)}
          y={height - 6}
          textAnchor={index === 0 ? 'start' : index === 2 ? 'end' : 'middle'}
          className={classes.tick}
        >
          {wordX(x)}
        </text>
      ))}
      <path d={`${line}V${floor}H${toX(from)}Z`} className={classes.area} />
      <path d={line} className={classes.line} />
      <line x1={toX(cursor.x)} x2={toX(cursor.x)} y1={room.top} y2={floor} className={classes.cursor} />
      <circle cx={toX(cursor.x)} cy={toY(cursor.y)} r={4} className={classes.dot} />
    </>
  )
}

function AsTable({ title, points, nameX, nameY, wordX, wordY }: CurveChartProps) {
  return (
    <details className={classes.table}>
      <summary>As a table</summary>
      <table>
        <caption className="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{nameX}</th>
            <th scope="col">{nameY}</th>
          </tr>
        </thead>
        <tbody>
          {points.map((point, index) => (
            <tr key={index}>
              <td>{wordX(point.x)}</td>
              <td>{wordY(point.y)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

function scaleOf(points: readonly CurvePoint[], width: number) {
  const from = points[0]?.x ?? 0
  const span = Math.max(1e-9, (points.at(-1)?.x ?? 1) - from)
  const pixels = Math.max(1, width - room.left - room.right)
  return {
    to: (x: number) => room.left + ((x - from) / span) * pixels,
    from: (pixel: number) => from + ((pixel - room.left) / pixels) * span,
  }
}

function nearest(points: readonly CurvePoint[], x: number): number {
  let best = 0
  for (const [index, point] of points.entries())
    if (Math.abs(point.x - x) < Math.abs((points[best]?.x ?? 0) - x)) best = index
  return best
}
