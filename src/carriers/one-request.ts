import type { Dispatcher } from 'undici'

/** One HTTP exchange, and whether any byte of the request can have left this process. */
export type Exchange =
  | { written: false; reason: string }
  | { written: true; answer: Answer }
  | { written: true; answer: null; reason: string }
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }

export type OneRequest = {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  headers: Record<string, string>
  body: string | null
  timeoutMs: number
  maxAnswerBytes: number
  /** Asked in the last moment before the first byte; no = nothing is written. */
  mayWrite: () => boolean
}

/**
 * Performs one exchange and never a second one: not by redirect, not by retry. An HTTP client is free to send a
 * request again when its connection closes in an idle moment; the second start is refused here.
 */
export function exchangeOnce(dispatcher: Dispatcher, request: OneRequest): Promise<Exchange> {
  return new Promise((resolve) => {
    let written = false
    let settled = false
    let refused: string | null = null
    let status = 0
    let headers: Answer['headers'] = {}
    const chunks: Buffer[] = []
    let received = 0
    let abort: ((reason: Error) => void) | null = null
    const timer = setTimeout(() => {
      if (abort) abort(new Error('timeout'))
      else settle({ written: false, reason: 'no_connection' })
    }, request.timeoutMs)

    function settle(exchange: Exchange): void {
      clearTimeout(timer)
      settled = true
      resolve(exchange)
    }
    function failed(reason: string): void {
      if (written) settle({ written: true, answer: null, reason })
      else settle({ written: false, reason })
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        if (settled) refused = 'given_up'
        else if (written) refused = 'connection_closed'
        else if (!request.mayWrite()) refused = 'not_allowed_any_more'
        if (refused !== null) throw new Error(refused)
        written = true
        abort = (reason) => controller.abort(reason)
      },
      onResponseStart(_controller, statusCode, answerHeaders) {
        status = statusCode
        headers = answerHeaders
      },
      onResponseData(controller, chunk) {
        received += chunk.length
        if (received > request.maxAnswerBytes) controller.abort(new Error('answer_too_large'))
        else chunks.push(chunk)
      },
      onResponseEnd() {
        settle({ written: true, answer: { status, headers, body: Buffer.concat(chunks).toString('utf8') } })
      },
      onResponseError(_controller, error) {
        failed(refused ?? reasonOf(error))
      },
    }
    try {
      dispatcher.dispatch(
        {
          method: request.method,
          path: request.path,
          headers: request.headers,
          body: request.body,
          idempotent: false,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        handler,
      )
    } catch (error) {
      failed(reasonOf(error))
    }
  })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  return (code ?? error.message).toLowerCase().slice(0, 60)
}
