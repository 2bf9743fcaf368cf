import { createReadStream, createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * The calls a load of callbacks is made for: one line per call, four columns apart by tabs:
 * status URL, CallSid, To, From. Whoever is measured writes it; the load program reads it.
 */
export async function writeCallsFile(path, calls) {
  const file = createWriteStream(path)
  for (const { url, sid, to, from } of calls) {
    if (!file.write(`${url}\t${sid}\t${to}\t${from}\n`)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'finish')
}

export async function readCallsFile(path) {
  const calls = []
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line === '') continue
    const [url, sid, to, from] = line.split('\t')
    if (!from)
      throw new Error(
        `line ${calls.length + 1} of ${path} has no four columns: status URL, CallSid, To, From`,
      )
    calls.push({ url, sid, to, from })
  }
  return calls
}
