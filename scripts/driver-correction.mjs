// Corrects the PostgreSQL driver where it lies in node_modules. Run by `npm ci`, before anything is built.
//
// As published, a connection that closes while something waits to be written ends the whole process (a write to a
// socket that is gone; a rejection that nobody sees, when its first question is cut off), or is never used again though
// it looks alive, and a query begun between an error and the close that follows it is never answered. A server that is
// to outlive restarts of its database can bear none of these. And a table that is copied out faster than it is taken
// leaves its connection paused for ever when the last of it arrives.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const version = '3.4.9'
const mark = '/* corrected */'
const files = ['src/connection.js', 'cjs/src/connection.js']

const corrections = [
  {
    published:
      'const x = socket.write(chunk, fn)\n    nextWriteTimer !== null && clearImmediate(nextWriteTimer)',
    corrected: `${mark}
    nextWriteTimer !== null && clearImmediate(nextWriteTimer)
    if (!socket) {
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options))
      return true
    }
    const x = socket.write(chunk, fn)`,
  },
  {
    published: 'clearImmediate(nextWriteTimer)\n    socket.removeListener',
    corrected: `clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    socket.removeListener`,
  },
  {
    published: '!hadError && (query || sent.length) && error(',
    corrected: ';(query || sent.length) && error(',
  },
  {
    published: 'return fetchArrayTypes()',
    corrected: 'return fetchArrayTypes().catch(() => {})',
  },
  {
    published: 'stream && stream.push(null)\n',
    corrected: 'stream && stream.push(null)\n    socket.resume()\n',
  },
]

/** Rewrites the driver below `root`. Does nothing when that was done before or the driver is not there. */
export function correctDriver(root) {
  const folder = join(root, 'node_modules', 'postgres')
  const found = read(join(folder, 'package.json'))
  if (found === null) return
  if (JSON.parse(found).version !== version)
    throw new Error(
      `The correction is for version ${version} of the driver. Check whether the new one needs it.`,
    )
  for (const file of files) {
    const path = join(folder, file)
    const source = read(path)
    if (source === null) continue
    let corrected = source
    for (const { published, corrected: replacement } of corrections) {
      if (corrected.includes(replacement)) continue
      if (corrected.split(published).length !== 2)
        throw new Error(`${path} is not as published: ${published}`)
      corrected = corrected.replace(published, () => replacement)
    }
    if (corrected !== source) writeFileSync(path, corrected)
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}
