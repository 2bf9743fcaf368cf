import { useState } from 'react'
import { SegmentedControl } from '@mantine/core'
import type { PhoneNumber } from '../../lib/number-types.ts'
import { useFocusBack } from '../../ui/focus-back.ts'
import { Page } from '../../ui/page.tsx'
import { OfferedPanel } from './offered-panel.tsx'
import { OwnedPanel } from './owned-panel.tsx'
import { BuyDialog, ReleaseDialog, RenameDialog } from './number-dialogs.tsx'

/** What the URL of the page says. */
export interface NumbersSearch {
  view?: 'available' | undefined
  country?: string | undefined
  contains?: string | undefined
  capability?: string | undefined
}

interface NumbersPageProps {
  search: NumbersSearch
  onSearch: (change: Partial<NumbersSearch>) => void
}

type Doing = { what: 'buy' | 'release' | 'rename'; number: PhoneNumber }

/** The numbers of the workspace, and those it may buy. */
export function NumbersPage({ search, onSearch }: NumbersPageProps) {
  const [doing, setDoing] = useState<Doing | null>(null)
  const [opened, setOpened] = useState(false)
  const giveFocusBack = useFocusBack(opened)
  const open = (what: Doing['what']) => (number: PhoneNumber) => {
    setDoing({ what, number })
    setOpened(true)
  }
  const dialog = {
    opened,
    onClose: () => setOpened(false),
    onClosed: () => {
      setDoing(null)
      giveFocusBack()
    },
  }
  const available = search.view === 'available'
  return (
    <Page
      title="Numbers"
      actions={
        <SegmentedControl
          aria-label="Which numbers"
          data={[
            { value: 'owned', label: 'Owned' },
            { value: 'available', label: 'Available' },
          ]}
          value={available ? 'available' : 'owned'}
          onChange={(view) => onSearch({ view: view === 'available' ? 'available' : undefined })}
        />
      }
    >
      {available ? (
        <OfferedPanel search={search} onSearch={onSearch} onBuy={open('buy')} />
      ) : (
        <OwnedPanel
          onRelease={open('release')}
          onRename={open('rename')}
          onMore={() => onSearch({ view: 'available' })}
        />
      )}
      {doing?.what === 'buy' && <BuyDialog key={doing.number.phone_sid} number={doing.number} {...dialog} />}
      {doing?.what === 'release' && (
        <ReleaseDialog key={doing.number.phone_sid} number={doing.number} {...dialog} />
      )}
      {doing?.what === 'rename' && (
        <RenameDialog key={doing.number.phone_sid} number={doing.number} {...dialog} />
      )}
    </Page>
  )
}
