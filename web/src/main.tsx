import './app/styles.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createQueryClient } from './app/query-client.ts'
import { makeRouter } from './app/router.tsx'
import { colorSchemeManager, theme } from './app/theme.ts'

const client = createQueryClient(() => {
  const { pathname, href } = router.state.location
  if (pathname !== '/sign-in' && pathname !== '/setup')
    void router.navigate({ to: '/sign-in', search: { next: href } })
})
const router = makeRouter(client)

const place = document.getElementById('root')
if (place === null) throw new Error('The page has no place for the console')
createRoot(place).render(
  <StrictMode>
    <MantineProvider theme={theme} colorSchemeManager={colorSchemeManager} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
