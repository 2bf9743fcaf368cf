import { createContext, useContext } from 'react'

/** The IANA zone in which this page writes times: the user's own, else the workspace's. */
export const ZoneContext = createContext('UTC')

export function useZone(): string {
  return useContext(ZoneContext)
}
