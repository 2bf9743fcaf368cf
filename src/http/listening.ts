import { ConfigError, type ConfigProblem } from '../config-reader.ts'
import { codeOf } from '../db/sql.ts'
import type { App } from './app-shell.ts'

export type Place = { host: string; port: number }

/** Listens and returns the address. Throws a ConfigError when HOST or PORT names a place that is not to be had. */
export async function listenAt(app: App, place: Place): Promise<string> {
  try {
    return await app.listen({ host: place.host, port: place.port })
  } catch (error) {
    const problem = problemOf(codeOf(error), place)
    throw problem === null ? error : new ConfigError([problem])
  }
}

function problemOf(code: string, { host, port }: Place): ConfigProblem | null {
  switch (code) {
    case 'EADDRINUSE': {
      const message = `PORT is ${port}, and another program listens there already. Stop it, or set PORT to another one.`
      return { name: 'PORT', message }
    }
    case 'EACCES':
      return {
        name: 'PORT',
        message: `PORT is ${port}; this user may not listen there. Set PORT above 1023.`,
      }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return { name: 'HOST', message: `HOST is "${host}"; it has to be an address of this machine.` }
    default:
      return null
  }
}
