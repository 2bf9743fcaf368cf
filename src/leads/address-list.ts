/** Addresses and CIDR ranges, and whether one is among them. Pure. */
import { BlockList, isIP } from 'node:net'

/** True when the list is empty, which allows everybody. */
export function isAllowed(list: readonly string[], address: string): boolean {
  if (list.length === 0) return true
  const ranges = new BlockList()
  for (const entry of list) {
    const [base = '', bits] = entry.split('/')
    const family = isIP(base) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) ranges.addAddress(base, family)
    else ranges.addSubnet(base, Number(bits), family)
  }
  const plain = plainAddress(address)
  const family = isIP(plain)
  return family !== 0 && ranges.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

/** A version 4 address that came over a version 6 socket is the version 4 address. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}
