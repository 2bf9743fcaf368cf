import { useQuery } from '@tanstack/react-query'
import { Button, Group } from '@mantine/core'
import type { PhoneNumber } from '../../lib/number-types.ts'
import { plural } from '../../lib/number-format.ts'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Panel } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { NumberFacts } from './number-facts.tsx'
import { ownedNumbersQuery } from './read-numbers.ts'
import classes from './numbers.module.css'

interface OwnedPanelProps {
  onRelease: (number: PhoneNumber) => void
  onRename: (number: PhoneNumber) => void
  onMore: () => void
}

/** Numbers that calls and texts are made from. */
export function OwnedPanel({ onRelease, onRename, onMore }: OwnedPanelProps) {
  const { data, error, isError, refetch } = useQuery(ownedNumbersQuery)
  const cost = data?.reduce((sum, number) => sum + number.rate, 0) ?? 0
  return (
    <Panel>
      {isError && data === undefined && (
        <Fault error={error} title="The numbers could not be read." onRetry={() => void refetch()} />
      )}
      {data === undefined && !isError && <LoadingRows rows={3} height={64} label="The numbers" />}
      {data?.length === 0 && (
        <Empty action={<Button onClick={onMore}>Find a number</Button>}>
          No number yet. Calls and texts need one to come from.
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <p className={classes.quiet}>
          {plural(data.length, 'number')} · {plural(cost, 'credit')} a month
        </p>
      )}
      <ul className={classes.list}>
        {data?.map((number) => (
          <li key={number.phone_sid} className={classes.entry}>
            <NumberFacts number={number} />
            <StateMark state={number.status} />
            <Group gap="xs">
              <Button
                size="xs"
                variant="default"
                aria-label={`Rename ${number.phone_number}`}
                onClick={() => onRename(number)}
              >
                Rename
              </Button>
              <Button
                size="xs"
                variant="default"
                color="red"
                disabled={number.status !== 'owned'}
                aria-label={`Release ${number.phone_number}`}
                onClick={() => onRelease(number)}
              >
                Release
              </Button>
            </Group>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
