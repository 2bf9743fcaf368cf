/** What the server's own description says can be asked of it. */
export type Schema = { readonly [member: string]: unknown }
export type Parameter = { in: 'path' | 'query' | 'header'; name: string; required: boolean; schema: Schema }
export type Response = { content: ReadonlyMap<string, Schema | null> }
export type Operation = {
  /** `PATCH /api/leads/{id}/`. */
  name: string
  method: string
  path: string
  parameters: readonly Parameter[]
  /** The schema of the body by its content type; empty when no body is described. */
  bodies: ReadonlyMap<string, Schema>
  /** By status, or by a range such as `2XX`. */
  responses: ReadonlyMap<string, Response>
}

/** Every operation of an OpenAPI document. */
export function operationsOf(document: unknown): Operation[] {
  return entries(member(document, 'paths')).flatMap(([path, methods]) =>
    entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters: list(member(operation, 'parameters')).map(parameterOf),
      bodies: new Map(
        entries(member(member(operation, 'requestBody'), 'content')).map(([type, content]) => [
          type,
          schemaOf(content),
        ]),
      ),
      responses: new Map(
        entries(member(operation, 'responses')).map(([status, response]) => [status, responseOf(response)]),
      ),
    })),
  )
}

/** What is described for a status; null when nothing is. */
export function described(operation: Operation, status: number): Response | null {
  const range = `${Math.floor(status / 100)}XX`
  return operation.responses.get(String(status)) ?? operation.responses.get(range) ?? null
}

function parameterOf(parameter: unknown): Parameter {
  const place = member(parameter, 'in')
  return {
    in: place === 'path' || place === 'header' ? place : 'query',
    name: String(member(parameter, 'name')),
    required: member(parameter, 'required') === true,
    schema: schemaOf(parameter),
  }
}

function responseOf(response: unknown): Response {
  const content = entries(member(response, 'content')).map(([type, media]): [string, Schema | null] => [
    type,
    member(media, 'schema') === undefined ? null : schemaOf(media),
  ])
  return { content: new Map(content) }
}

function schemaOf(holder: unknown): Schema {
  const schema = member(holder, 'schema')
  return typeof schema === 'object' && schema !== null ? { ...schema } : {}
}

export function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined
}

export function entries(of: unknown): [string, unknown][] {
  return typeof of === 'object' && of !== null ? Object.entries(of) : []
}

export function list(of: unknown): unknown[] {
  return Array.isArray(of) ? of : []
}
