import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'

/** `keys`: one key ("/", "?", "Escape") or two in a row ("g l"). */
export interface Shortcut {
  keys: string
  label: string
  run: () => void
}

/** Two keys belong together when the second comes within this time. */
const sequenceMs = 1_000
const storageKey = 'trunkline-single-keys'

const groups = new Map<symbol, { title: string; shortcuts: readonly Shortcut[] }>()
const listeners = new Set<() => void>()
let snapshot: readonly { title: string; shortcuts: readonly Shortcut[] }[] = []
let enabled = read() !== 'off'
let first: { key: string; at: number } | null = null

/** Keys that work while the component is on the page. They are listed under `title` in the sheet that `?` opens. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  const run = useEffectEvent((keys: string) => shortcuts.find((one) => one.keys === keys)?.run())
  const names = shortcuts.map((one) => `${one.keys}\n${one.label}`).join('\n\n')
  useEffect(() => {
    const id = Symbol(title)
    const listed = names.split('\n\n').map((line) => {
      const [keys = '', label = ''] = line.split('\n')
      return { keys, label, run: () => run(keys) }
    })
    groups.set(id, { title, shortcuts: listed })
    changed()
    return () => {
      groups.delete(id)
      changed()
    }
  }, [title, names])
}

/** Everything that works just now, by group. */
export function useShortcutSheet() {
  return useSyncExternalStore(subscribe, () => snapshot)
}

/** People who speak to their computer, or whose hands strike keys by chance, can turn single keys off. */
export function useSingleKeys(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(subscribe, () => enabled)
  return [on, setEnabled]
}

/** Starts listening. Called once, by the shell. */
export function listenForShortcuts(): () => void {
  // On the way down: a dialog that this very key closes must still be seen to be open.
  window.addEventListener('keydown', onKey, { capture: true })
  return () => window.removeEventListener('keydown', onKey, { capture: true })
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (isTyping(event.target) || isPressing(event)) return
  if (document.querySelector('[role="dialog"]') !== null) return
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  if (!enabled && key.length === 1 && key !== '?') return
  const sequence = first !== null && Date.now() - first.at < sequenceMs ? `${first.key} ${key}` : null
  first = null
  const found = (sequence === null ? undefined : find(sequence)) ?? find(key)
  if (found !== undefined) {
    event.preventDefault()
    found.run()
    return
  }
  if (startsSequence(key)) first = { key, at: Date.now() }
}

function find(keys: string): Shortcut | undefined {
  for (const group of snapshot) {
    const found = group.shortcuts.find((one) => one.keys === keys)
    if (found !== undefined) return found
  }
  return undefined
}

function startsSequence(key: string): boolean {
  return snapshot.some((group) => group.shortcuts.some((one) => one.keys.startsWith(`${key} `)))
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** Space and Enter press the button that has the focus. */
function isPressing(event: KeyboardEvent): boolean {
  return (
    (event.key === ' ' || event.key === 'Enter') &&
    event.target instanceof Element &&
    event.target.closest('button, a, summary') !== null
  )
}

function setEnabled(on: boolean): void {
  enabled = on
  try {
    localStorage.setItem(storageKey, on ? 'on' : 'off')
  } catch {
    // Without storage the choice holds for this page only.
  }
  changed()
}

function read(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}

function changed(): void {
  snapshot = [...groups.values()].reverse()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
