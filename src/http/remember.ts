const mostRemembered = 10_000

/**
 * Remembers answers by key for `ms` milliseconds; requests that ask at once share one look-up. A failed look-up says
 * nothing about its key and is forgotten.
 */
export function rememberFor<Value>(
  ms: number,
  find: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const known = new Map<string, { value: Promise<Value>; until: number }>()
  return (key) => {
    const now = performance.now()
    const entry = known.get(key)
    if (entry && entry.until > now) return entry.value
    known.delete(key)
    for (const oldest of known.keys()) {
      if (known.size < mostRemembered) break
      known.delete(oldest)
    }
    const value = find(key)
    known.set(key, { value, until: now + ms })
    value.catch(() => known.delete(key))
    return value
  }
}
