/** The column of a sheet that holds the numbers, as requests name it. */
import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import { shown } from '../http/validation.ts'
import { columnCalled, type FileLayout } from './recipient-import.ts'

export const numberColumnMember = Type.Optional(
  Type.Union([Type.String({ maxLength: 250 }), Type.Integer({ minimum: 0 }), Type.Null()], {
    description:
      'The column that holds the numbers, when it is another than the one that was found: its name in the header, or its place counted from 0',
  }),
)

const mostNamed = 30

/** Null when none is named, so that the one that was found counts. Throws invalid `unknown_column`. */
export function readNumberColumn(
  given: string | number | null | undefined,
  layout: FileLayout,
): number | null {
  const name = String(given ?? '').trim()
  if (name === '') return null
  const column = columnCalled(layout, name)
  if (column !== null) return column
  const names = layout.columns.slice(0, mostNamed).join(', ')
  const sentence = `number_column ${shown(name)} is no column of the file. Its columns are: ${names}.`
  throw new AppError('invalid', 'unknown_column', sentence, { param: 'number_column' })
}
