/** The library of a workspace: sounds that are played, and lists of numbers that were uploaded. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import type { NumbersFile, SoundFile } from '../../lib/campaign-types.ts'

export const filesKey = ['files'] as const

/** The newest hundred. */
export const filesQuery = queryOptions({
  queryKey: filesKey,
  queryFn: async ({ signal }) => {
    const query = { page_size: 100 }
    const { data } = await answered(api.GET('/api/system/files/', { params: { query }, signal }))
    return { files: data.files, total: data.pagination.total_items }
  },
})

/** `numberColumn`: as if the numbers were there; null: where they were found. */
export function listPreviewQuery(id: number, numberColumn: number | null) {
  return queryOptions({
    queryKey: [...filesKey, 'preview', id, numberColumn] as const,
    queryFn: async ({ signal }) => {
      const query = numberColumn === null ? {} : { number_column: numberColumn }
      const params = { path: { id }, query }
      const answer = await answered(api.GET('/api/system/files/{id}/preview/', { params, signal }))
      return answer.data.details
    },
    // The table stays while it is read anew from another column.
    placeholderData: keepPreviousData,
  })
}

/** What it is, the server finds out by its content. */
export async function uploadFile(file: File): Promise<SoundFile | NumbersFile> {
  const form = new FormData()
  form.set('file', file)
  const body = { file: file.name }
  const answer = await answered(api.POST('/api/system/files/', { body, bodySerializer: () => form }))
  return answer.data.details
}

export async function deleteFile(id: number): Promise<void> {
  await answered(api.DELETE('/api/system/files/{id}/', { params: { path: { id } } }))
}

export function isSound(file: SoundFile | NumbersFile): file is SoundFile {
  return file.kind === 'audio'
}
