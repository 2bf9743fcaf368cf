import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from '@mantine/core'

/** From lightest to darkest; white text stands on 7 (light pages) and 6 (dark pages). */
const trunk: MantineColorsTuple = [
  '#eef0ff',
  '#dce0fd',
  '#b9c1fa',
  '#96a4ff',
  '#7382f0',
  '#5b6ce6',
  '#4a5ce0',
  '#3b4fd8',
  '#3244bd',
  '#2a399f',
]

/** The greys of dark pages, from text to ground, as in tokens.css. */
const dark: MantineColorsTuple = [
  '#e7eaf1',
  '#c4cbd8',
  '#9ba5b7',
  '#6d7687',
  '#3a4150',
  '#2a303c',
  '#11151c',
  '#181c25',
  '#10131a',
  '#0c0f15',
]

export const theme = createTheme({
  colors: { trunk, dark },
  primaryColor: 'trunk',
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 8,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Devanagari", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
})

/** The same key that color-scheme.js reads before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'trunkline-color-scheme' })
