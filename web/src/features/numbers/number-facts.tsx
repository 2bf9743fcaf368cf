import type { PhoneNumber } from '../../lib/number-types.ts'
import { plural } from '../../lib/number-format.ts'
import classes from './numbers.module.css'

/** A number, its name where it has one of its own, what it can do and what it costs. */
export function NumberFacts({ number }: { number: PhoneNumber }) {
  const { phone_number: digits, friendly_name: name, country, rate, reason } = number
  const named = name !== '' && name.replaceAll(/\D/g, '') !== digits.replaceAll(/\D/g, '')
  return (
    <span className={classes.facts}>
      <span className={classes.digits}>
        {digits}
        {named && <span className={classes.name}>{name}</span>}
      </span>
      <span className={classes.quiet}>
        {[country, number.available_capabilities, `${plural(rate, 'credit')} a month`]
          .filter((fact) => fact !== null && fact !== '')
          .join(' · ')}
      </span>
      {reason !== null && number.status !== 'available' && <span className={classes.quiet}>{reason}</span>}
    </span>
  )
}
