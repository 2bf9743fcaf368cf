import type { Prices } from '../../lib/number-types.ts'
import { formatCount } from '../../lib/number-format.ts'
import { Panel } from '../../ui/page.tsx'
import classes from './credits.module.css'

const kinds = [
  { kind: 'call', word: 'Minute' },
  { kind: 'text', word: 'Text' },
  { kind: 'number', word: 'Number' },
] as const

/** What things cost, by country; what a country does not say is the price of all others. */
export function PriceTable({ prices }: { prices: Record<string, Prices> }) {
  const countries = Object.keys(prices)
    .filter((country) => country !== 'default')
    .sort()
  return (
    <Panel title="Prices">
      <table className={classes.prices}>
        <thead>
          <tr>
            <th scope="col">Country</th>
            {kinds.map(({ kind, word }) => (
              <th key={kind} scope="col">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...countries, 'default'].map((country) => (
            <tr key={country}>
              <th scope="row">
                {country === 'default' ? (countries.length === 0 ? 'All' : 'Others') : country}
              </th>
              {kinds.map(({ kind }) => (
                <td key={kind}>{formatCount(prices[country]?.[kind] ?? prices['default']?.[kind] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes.quiet}>
        In credits: a started minute of talk, a segment of a text, a month of a number. credit_prices in the
        settings changes them.
      </p>
    </Panel>
  )
}
