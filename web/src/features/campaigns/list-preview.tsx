import { useQuery } from '@tanstack/react-query'
import { Button, NativeSelect } from '@mantine/core'
import { formatCount, plural } from '../../lib/number-format.ts'
import type { ListPreview as Preview, NumbersFile } from '../../lib/campaign-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { listPreviewQuery } from './files.ts'
import classes from './list-preview.module.css'

interface ListPreviewProps {
  file: NumbersFile
  /** Null: the one that was found. */
  numberColumn: number | null
  onNumberColumn: (column: number) => void
  onDrop: () => void
}

/** The first rows of a sheet, with what each column becomes and what is wrong with a number. */
export function ListPreview({ file, numberColumn, onNumberColumn, onDrop }: ListPreviewProps) {
  const { data, error, isError } = useQuery(listPreviewQuery(file.id, numberColumn))
  if (isError) return <Fault error={error} title="The sheet could not be shown." />
  if (data === undefined) return <LoadingRows rows={4} height={32} label="The sheet" />
  const wrong = data.rows.filter((row) => row.grade === 'invalid').length
  return (
    <section aria-label="How the sheet is read" className={classes.preview}>
      <div className={classes.head}>
        <p>
          <strong>{file.name}</strong>: {plural(file.rows, 'row')}, {plural(data.usable_tags.length, 'tag')}.{' '}
          {wrong > 0 &&
            `${formatCount(wrong)} of the first ${data.rows.length} are no possible numbers; they are kept with their reason.`}
        </p>
        <Button variant="default" size="xs" onClick={onDrop}>
          Take another
        </Button>
      </div>
      {data.columns.length > 1 && (
        <NativeSelect
          label="The numbers are in"
          value={String(numberColumn ?? data.number_column)}
          onChange={(event) => onNumberColumn(Number(event.currentTarget.value))}
          data={data.columns.map(({ name }, index) => ({
            value: String(index),
            label: name || `Column ${index + 1}`,
          }))}
          className={classes.column ?? ''}
        />
      )}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="First rows of the sheet">
        <table className={classes.table}>
          <thead>
            <tr>
              {data.columns.map((column, index) => (
                <th key={index} scope="col" data-number={index === data.number_column || undefined}>
                  <span className={classes.name}>{column.name || `Column ${index + 1}`}</span>
                  <span className={classes.becomes}>
                    {index === data.number_column
                      ? 'the number'
                      : column.tag === null
                        ? 'left out'
                        : `{${column.tag}}`}
                  </span>
                </th>
              ))}
              <th scope="col">
                <span className={classes.name}>Called as</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.rows.map((row, index) => (
              <Row key={index} row={row} columns={data.columns.length} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Row({ row, columns }: { row: Preview['rows'][number]; columns: number }) {
  if (row.grade === null) return null
  return (
    <tr data-bad={row.grade === 'invalid' || undefined}>
      {Array.from({ length: columns }, (_, column) => (
        <td key={column}>{row.cells[column] ?? ''}</td>
      ))}
      <td className="numerals">{row.e164 ?? row.message ?? 'no number'}</td>
    </tr>
  )
}
