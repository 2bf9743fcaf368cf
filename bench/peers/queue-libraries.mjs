import { Client } from 'pg'
import { settings } from './settings.mjs'

const enqueueBatch = 1000

/**
 * Each queue library behind the same three verbs, with the settings that were fastest here.
 * `enqueue(payloads)` stores the jobs; `work(handle)` runs `handle(payload)` for each, `concurrency` at a time, and
 * resolves when all have run and the library has stored that they are done; `left()` counts the jobs not done.
 */
export async function openQueue(library, concurrency) {
  const open = libraries[library]
  if (!open)
    throw new Error(`"${library}" is no library known here: give ${Object.keys(libraries).join(', ')}`)
  return open(concurrency)
}

const libraries = { graphile: openGraphile, pgboss: openPgBoss, bullmq: openBullMq }

/** Jobs are fetched into a local queue and completed in batches: three times as fast as its defaults. */
async function openGraphile(concurrency) {
  const { Logger, makeWorkerUtils, run } = await import('graphile-worker')
  const logger = new Logger(() => () => {})
  const connectionString = settings.databaseUrl
  const schema = 'bench_graphile'
  await dropSchema(schema)
  const workerUtils = await makeWorkerUtils({ connectionString, schema, logger })
  await workerUtils.migrate()
  const query = (text) => workerUtils.withPgClient((client) => client.query(text))

  async function enqueue(payloads) {
    for (const batch of inBatches(payloads)) {
      await workerUtils.addJobs(batch.map((payload) => ({ identifier: 'dial', payload })))
    }
    await query(`vacuum analyze ${schema}._private_jobs`)
    return payloads.length
  }

  async function work(handle, count) {
    const countdown = makeCountdown(count)
    const runner = await run({
      connectionString,
      schema,
      logger,
      concurrency,
      maxPoolSize: 16,
      noHandleSignals: true,
      preset: {
        worker: {
          localQueue: { size: Math.max(500, concurrency) },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
      taskList: {
        dial: async (payload) => {
          await handle(payload)
          countdown.one()
        },
      },
    })
    await countdown.done
    await runner.stop()
  }

  const left = async () => Number((await query(`select count(*) from ${schema}._private_jobs`)).rows[0].count)
  return { enqueue, work, left, close: () => workerUtils.release() }
}

/** Fetches and completes batches by hand from four loops: its own polling worker waits between batches. */
async function openPgBoss(concurrency) {
  const { default: PgBoss } = await import('pg-boss')
  const connectionString = settings.databaseUrl
  const schema = 'bench_pgboss'
  await dropSchema(schema)
  const boss = new PgBoss({ connectionString, schema, max: 10, supervise: false, schedule: false })
  boss.on('error', (error) => console.error(error.message))
  await boss.start()
  const queue = 'dial'
  await boss.createQueue(queue)
  const loops = 4

  async function enqueue(payloads) {
    for (const batch of inBatches(payloads)) await boss.insert(batch.map((data) => ({ name: queue, data })))
    await boss.getDb().executeSql(`analyze ${schema}.job`, [])
    return payloads.length
  }

  async function work(handle) {
    const loop = async () => {
      for (;;) {
        const jobs = await boss.fetch(queue, { batchSize: concurrency })
        if (jobs.length === 0) return
        await Promise.all(jobs.map((job) => handle(job.data)))
        await boss.complete(
          queue,
          jobs.map((job) => job.id),
        )
      }
    }
    await Promise.all(Array.from({ length: loops }, loop))
  }

  const left = () => boss.getQueueSize(queue, { before: 'completed' })
  return { enqueue, work, left, close: () => boss.stop({ graceful: false }) }
}

/** Keeps its jobs in Redis, so its own part is only as durable as that is configured. */
async function openBullMq(concurrency) {
  const { Queue, Worker } = await import('bullmq')
  const { Redis } = await import('ioredis')
  const connect = () => new Redis(settings.redisUrl, { maxRetriesPerRequest: null })
  const queue = new Queue('bench-dial', { connection: connect() })
  await queue.obliterate({ force: true })

  async function enqueue(payloads) {
    for (const batch of inBatches(payloads)) {
      await queue.addBulk(batch.map((data) => ({ name: 'dial', data, opts: { removeOnComplete: true } })))
    }
    return payloads.length
  }

  async function work(handle, count) {
    const countdown = makeCountdown(count)
    const worker = new Worker(queue.name, (job) => handle(job.data), { connection: connect(), concurrency })
    worker.on('completed', countdown.one)
    worker.on('failed', (_job, error) => console.error(error.message))
    await countdown.done
    await worker.close()
  }

  return { enqueue, work, left: () => queue.count(), close: () => queue.close() }
}

/** Each library has a schema of its own here and begins with an empty one. */
async function dropSchema(schema) {
  const client = new Client({ connectionString: settings.databaseUrl })
  await client.connect()
  await client.query(`drop schema if exists ${schema} cascade`)
  await client.end()
}

function* inBatches(payloads) {
  for (let from = 0; from < payloads.length; from += enqueueBatch)
    yield payloads.slice(from, from + enqueueBatch)
}

function makeCountdown(count) {
  let left = count
  let finished
  const done = new Promise((resolve) => (finished = resolve))
  const one = () => {
    if (--left === 0) finished()
  }
  return { one, done }
}
