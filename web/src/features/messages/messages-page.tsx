import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, NativeSelect, SegmentedControl } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { MessageStatus } from '../../lib/api-types.ts'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { FilterField } from '../../ui/filter-field.tsx'
import { useFocusBack } from '../../ui/focus-back.ts'
import { useShortcuts } from '../../ui/keyboard.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { RowGrid } from '../../ui/row-grid.tsx'
import { lookOf } from '../../ui/state.ts'
import { MessageHead, MessageRow, ReceivedRow } from './message-row.tsx'
import { messageStatuses } from './message-statuses.ts'
import { messagesQuery, receivedQuery } from './read-messages.ts'
import { SendDialog } from './send-dialog.tsx'
import classes from './messages-page.module.css'

const MessageDrawer = lazy(async () => ({ default: (await import('./message-drawer.tsx')).MessageDrawer }))

/** What the URL of the page says. */
export interface MessagesSearch {
  view?: 'received' | undefined
  status?: MessageStatus | undefined
  q?: string | undefined
  message?: string | undefined
}

interface MessagesPageProps {
  search: MessagesSearch
  onSearch: (change: Partial<MessagesSearch>) => void
}

const rowHeight = 56

export function MessagesPage({ search, onSearch }: MessagesPageProps) {
  const [sending, setSending] = useState(false)
  // The drawer still shows its text while it closes.
  const [drawn, setDrawn] = useState(search.message)
  if (search.message !== undefined && search.message !== drawn) setDrawn(search.message)
  const giveFocusBack = useFocusBack(search.message !== undefined)
  useShortcuts('Messages', [{ keys: 'c', label: 'Send a text', run: () => setSending(true) }])
  const received = search.view === 'received'

  return (
    <Page
      title="Messages"
      fills
      actions={
        <>
          <SegmentedControl
            aria-label="Which texts"
            data={[
              { value: 'sent', label: 'Sent' },
              { value: 'received', label: 'Received' },
            ]}
            value={received ? 'received' : 'sent'}
            onChange={(view) => onSearch({ view: view === 'received' ? 'received' : undefined })}
          />
          {!received && <SentFilter search={search} onSearch={onSearch} />}
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setSending(true)}>
            Send a text
          </Button>
        </>
      }
    >
      {received ? <Received /> : <Sent search={search} onOpen={(message) => onSearch({ message })} />}
      <SendDialog
        opened={sending}
        onClose={() => setSending(false)}
        onSent={(message) => {
          setSending(false)
          onSearch({ view: undefined, message })
        }}
      />
      <Suspense>
        {drawn !== undefined && (
          <MessageDrawer
            opened={search.message !== undefined}
            messageId={drawn}
            onClose={() => onSearch({ message: undefined })}
            onClosed={giveFocusBack}
          />
        )}
      </Suspense>
    </Page>
  )
}

function SentFilter({ search, onSearch }: MessagesPageProps) {
  const words = messageStatuses.map((status) => ({ value: status, label: lookOf(status).word }))
  return (
    <>
      <NativeSelect
        aria-label="Status"
        data={[{ value: '', label: 'Any status' }, ...words]}
        value={search.status ?? ''}
        onChange={(event) =>
          onSearch({ status: messageStatuses.find((status) => status === event.currentTarget.value) })
        }
      />
      <FilterField
        label="Filter by number"
        value={search.q ?? ''}
        onChange={(q) => onSearch({ q: q === '' ? undefined : q })}
      />
    </>
  )
}

function Sent({ search, onOpen }: { search: MessagesSearch; onOpen: (id: string) => void }) {
  const { status, q } = search
  const query = useInfiniteQuery(messagesQuery({ status, q }))
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  return (
    <List
      query={query}
      rows={rows.map((row) => row.message_id)}
      label="Texts"
      last="Status"
      empty={
        status === undefined && q === undefined
          ? 'No texts yet. Reminders, codes and campaigns of texts appear here the moment they are handed in.'
          : 'No text matches.'
      }
      renderRow={(index) => {
        const message = rows[index]
        return message && <MessageRow message={message} />
      }}
      onOpen={(index) => {
        const message = rows[index]
        if (message) onOpen(message.message_id)
      }}
    />
  )
}

function Received() {
  const query = useInfiniteQuery(receivedQuery())
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  return (
    <List
      query={query}
      rows={rows.map((row) => row.message_id)}
      label="Received texts"
      last="Meaning"
      empty="Nobody has written back yet."
      renderRow={(index) => {
        const message = rows[index]
        return message && <ReceivedRow message={message} />
      }}
    />
  )
}

interface ListProps {
  query: {
    data: unknown
    error: Error | null
    isError: boolean
    hasNextPage: boolean
    isFetchingNextPage: boolean
    refetch: () => unknown
    fetchNextPage: () => unknown
  }
  rows: readonly string[]
  label: string
  last: string
  empty: string
  renderRow: (index: number) => ReactNode
  onOpen?: (index: number) => void
}

function List({ query, rows, label, last, empty, renderRow, onOpen }: ListProps) {
  if (query.isError && query.data === undefined)
    return (
      <Fault error={query.error} title="The texts could not be read." onRetry={() => void query.refetch()} />
    )
  return (
    <div className={classes.list}>
      {query.data === undefined && <LoadingRows rows={8} height={rowHeight} label={label} />}
      {query.data !== undefined && rows.length === 0 && <Empty>{empty}</Empty>}
      {rows.length > 0 && (
        <RowGrid
          label={label}
          count={rows.length}
          rowHeight={rowHeight}
          keyAt={(index) => rows[index] ?? String(index)}
          head={<MessageHead last={last} />}
          renderRow={renderRow}
          {...(onOpen ? { onOpen } : {})}
          onEnd={() => {
            if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
          }}
        />
      )}
    </div>
  )
}
