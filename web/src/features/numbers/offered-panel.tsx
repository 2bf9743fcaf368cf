import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button, Group, NativeSelect, TextInput } from '@mantine/core'
import type { PhoneNumber } from '../../lib/number-types.ts'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { FilterField } from '../../ui/filter-field.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Panel } from '../../ui/page.tsx'
import { NumberFacts } from './number-facts.tsx'
import type { NumbersSearch } from './numbers-page.tsx'
import { offeredNumbersQuery } from './read-numbers.ts'
import classes from './numbers.module.css'

interface OfferedPanelProps {
  search: NumbersSearch
  onSearch: (change: Partial<NumbersSearch>) => void
  onBuy: (number: PhoneNumber) => void
}

/** Numbers for sale: where, with which digits, for what. */
export function OfferedPanel({ search, onSearch, onBuy }: OfferedPanelProps) {
  const { country, contains, capability } = search
  const asked = {
    ...(country === undefined ? {} : { country }),
    ...(contains === undefined ? {} : { contains }),
    ...(capability === undefined ? {} : { capability }),
  }
  const { data, error, isError, isPlaceholderData, refetch } = useQuery({
    ...offeredNumbersQuery(asked),
    placeholderData: keepPreviousData,
  })
  return (
    <Panel>
      <Group gap="xs" align="flex-end">
        <CountryField
          key={country ?? ''}
          country={country ?? ''}
          found={data?.country ?? ''}
          onCountry={(code) => onSearch({ country: code === '' ? undefined : code })}
        />
        <NativeSelect
          aria-label="What it can do"
          value={capability ?? ''}
          onChange={(event) => onSearch({ capability: event.currentTarget.value || undefined })}
          data={[
            { value: '', label: 'Calls or texts' },
            { value: 'voice', label: 'Calls' },
            { value: 'sms', label: 'Texts' },
            { value: 'voice,sms', label: 'Calls and texts' },
            { value: 'mms', label: 'Pictures' },
            { value: 'fax', label: 'Fax' },
          ]}
        />
        <FilterField
          label="With these digits"
          value={contains ?? ''}
          onChange={(digits) => onSearch({ contains: digits === '' ? undefined : digits })}
        />
      </Group>
      {isError && (
        <Fault error={error} title="No number could be looked up." onRetry={() => void refetch()} />
      )}
      {data === undefined && !isError && <LoadingRows rows={5} height={64} label="Numbers for sale" />}
      {!isError && data?.numbers.length === 0 && <Empty>{nothing(data.message, asked)}</Empty>}
      {!isError && (
        <ul className={classes.list} aria-busy={isPlaceholderData}>
          {data?.numbers.map((number) => (
            <li key={number.phone_sid} className={classes.entry}>
              <NumberFacts number={number} />
              <Button
                size="xs"
                aria-label={`Buy ${number.phone_number}`}
                className={classes.last}
                onClick={() => onBuy(number)}
              >
                Buy
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function nothing(message: string | null, asked: object): string {
  if (message?.includes('sells no numbers')) return `${message} Try another country.`
  return Object.keys(asked).length === 0 ? 'Nothing is for sale right now.' : 'No number for sale matches.'
}

interface CountryFieldProps {
  country: string
  /** Where was looked, when nobody said where. */
  found: string
  onCountry: (code: string) => void
}

function CountryField({ country, found, onCountry }: CountryFieldProps) {
  return (
    <TextInput
      aria-label="Country, two letters"
      placeholder={found === '' ? 'Country' : found}
      defaultValue={country}
      maxLength={2}
      className={classes.country}
      onChange={(event) => {
        const code = event.currentTarget.value.trim().toUpperCase()
        if (code.length !== 1) onCountry(code)
      }}
    />
  )
}
