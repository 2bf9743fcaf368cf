/** The words in braces that a message wants filled in, each once: "Hi {tags_name|friend}" → ["tags_name"]. */
export function tagsIn(message: string): string[] {
  const found = [...message.matchAll(/\{([\p{L}\p{M}\p{N}_]+)(?:\|[^{}]*)?\}/gu)].map(
    (match) => match[1] ?? '',
  )
  return [...new Set(found)]
}

/** Those of them for which the campaign has no column. */
export function unknownTags(message: string, usable: readonly string[]): string[] {
  return tagsIn(message).filter((tag) => !usable.includes(tag))
}

/** Numbers as people paste them: one per line, or parted by commas or semicolons; spaces inside stay. */
export function splitNumbers(pasted: string): string[] {
  return pasted
    .split(/[\n\r,;\t]+/)
    .map((one) => one.trim())
    .filter((one) => /\p{Nd}/u.test(one))
}
