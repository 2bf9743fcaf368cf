/** A cable between a program and its PostgreSQL that can go silent, or lose what the database says and then break. */
import { connect, createServer, type Socket } from 'node:net'

export type Cable = {
  /** The database's address, through the cable. */
  url: string
  /** From now on nothing arrives on either side, and nothing is closed. */
  silence(): void
  /** What the database says next is lost; a moment later every connection breaks. */
  loseAnswers(): Promise<void>
  /** Every connection breaks, and none comes about until it is mended. */
  cut(): void
  mend(): void
  /** Nothing arrives on either side until it is released; then everything does. */
  hold(): void
  release(): void
  close(): Promise<void>
}

const lostForMs = 30

export async function cableTo(databaseUrl: string): Promise<Cable> {
  const target = new URL(databaseUrl)
  const folder = target.searchParams.get('host')
  const port = Number(target.port || 5432)
  const sockets = new Set<Socket>()
  let silent = false
  let losing = false
  let broken = false
  let held = false
  const server = createServer((near) => {
    if (broken) return void near.destroy()
    const far = folder ? connect(`${folder}/.s.PGSQL.${port}`) : connect(port, target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        if (!silent) (socket === near ? far : near).destroy()
      })
    }
    if (held) for (const socket of [near, far]) socket.pause()
    near.on('data', (bytes) => void (silent || far.write(bytes)))
    far.on('data', (bytes) => void (silent || losing || near.write(bytes)))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const url = new URL(databaseUrl)
  url.searchParams.delete('host')
  url.hostname = '127.0.0.1'
  url.port = String(typeof address === 'object' && address ? address.port : 0)
  return {
    url: url.href,
    silence: () => {
      silent = true
    },
    async loseAnswers() {
      losing = true
      await new Promise((enough) => setTimeout(enough, lostForMs))
      for (const socket of sockets) socket.destroy()
      losing = false
    },
    cut() {
      broken = true
      for (const socket of sockets) socket.destroy()
    },
    mend() {
      broken = false
    },
    hold() {
      held = true
      for (const socket of sockets) socket.pause()
    },
    release() {
      held = false
      for (const socket of sockets) socket.resume()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}
