/** How often one person may be contacted. Pure. */

export const capUnits = ['perDay', 'perWeek', 'perMonth'] as const
export type CapUnit = (typeof capUnits)[number]

/** At least one of them. */
export type FrequencyCap = Partial<Record<CapUnit, number>>

/** The person's own days that count: today, and those before it. A week is any seven of them, a month any thirty. */
export const daysOfUnit: Readonly<Record<CapUnit, number>> = { perDay: 1, perWeek: 7, perMonth: 30 }

/** Contacts within each unit. */
export type Contacts = Readonly<Record<CapUnit, number>>

export const noContacts: Contacts = { perDay: 0, perWeek: 0, perMonth: 0 }

export function isCapReached(cap: FrequencyCap | null, contacts: Contacts): boolean {
  return cap !== null && capUnits.some((unit) => contacts[unit] >= (cap[unit] ?? Infinity))
}

/** The contacts after so many more, now. */
export function moreContacts(contacts: Contacts, more: number): Contacts {
  const { perDay, perWeek, perMonth } = contacts
  return { perDay: perDay + more, perWeek: perWeek + more, perMonth: perMonth + more }
}
