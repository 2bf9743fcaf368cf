// Runs before the first paint, so that a dark page never flashes white. It is a file of its own because the
// content security policy allows no inline script.
const chosenScheme = (() => {
  try {
    return localStorage.getItem('trunkline-color-scheme')
  } catch {
    // Storage may be forbidden; the system's preference then decides.
    return null
  }
})()
const systemIsDark = matchMedia('(prefers-color-scheme: dark)').matches
const isDark = chosenScheme === 'dark' || (chosenScheme !== 'light' && systemIsDark)
document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
