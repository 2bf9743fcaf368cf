import { useCallback, useLayoutEffect, useRef } from 'react'

/**
 * Remembers where the focus was when a dialog opened, and returns what gives it back: to be called when the dialog is
 * gone, for while it is seen it holds the focus. The dialogs of the component library do this themselves, but not
 * when they are loaded only at the moment they open.
 */
export function useFocusBack(opened: boolean): () => void {
  const opener = useRef<HTMLElement | null>(null)
  useLayoutEffect(() => {
    if (opened) opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
  }, [opened])
  return useCallback(() => opener.current?.focus({ preventScroll: true }), [])
}
