/** What somebody began to write, kept in this browser tab: leaving a page must not lose it. */
export function readDraft(name: string): string | null {
  try {
    return sessionStorage.getItem(`trunkline draft: ${name}`)
  } catch {
    return null
  }
}

export function writeDraft(name: string, text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(`trunkline draft: ${name}`)
    else sessionStorage.setItem(`trunkline draft: ${name}`, text)
  } catch {
    // Without storage a draft lives as long as its page.
  }
}
