import { createHash } from 'node:crypto'
import { AppError } from '../errors.ts'
import type { IncomingFile } from '../http/principal.ts'

export type ReceivedImage = { contentType: string; bytes: Buffer; digest: string }

const mostBytes = 2 * 1024 * 1024

/** Reads one uploaded picture into memory, 2 MiB at most, and tells its kind by its content, not by its name. */
export async function receiveImage(file: IncomingFile): Promise<ReceivedImage | null> {
  if (file.field !== 'profile_image') {
    file.stream.resume()
    return null
  }
  const bytes = await readAtMost(file.stream, mostBytes)
  // A form whose file was not chosen sends an empty one.
  if (bytes.length === 0) return null
  const contentType = imageTypeOf(bytes)
  if (contentType === null) {
    throw new AppError(
      'invalid',
      'invalid_image',
      'profile_image must be a PNG, JPEG, GIF or WebP picture.',
      {
        param: 'profile_image',
      },
    )
  }
  return { contentType, bytes, digest: createHash('sha256').update(bytes).digest('hex') }
}

async function readAtMost(stream: NodeJS.ReadableStream, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > most)
      throw new AppError('too_large', 'image_too_large', 'profile_image may have at most 2 MiB.')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

/** The content type of a picture, by its first bytes. */
export function imageTypeOf(bytes: Buffer): string | null {
  if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'image/png'
  if (bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) return 'image/jpeg'
  const start = bytes.toString('latin1', 0, 12)
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'image/gif'
  return start.startsWith('RIFF') && start.endsWith('WEBP') ? 'image/webp' : null
}
