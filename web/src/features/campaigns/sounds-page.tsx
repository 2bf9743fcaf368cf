import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Group, Modal } from '@mantine/core'
import { IconTrash, IconUpload } from '@tabler/icons-react'
import type { NumbersFile, SoundFile } from '../../lib/campaign-types.ts'
import { formatCount, plural } from '../../lib/number-format.ts'
import { formatTalk } from '../../lib/time-format.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { FileButton } from './file-button.tsx'
import { deleteFile, filesKey, filesQuery, isSound, uploadFile } from './files.ts'
import classes from './sounds-page.module.css'

type LibraryFile = SoundFile | NumbersFile

/** Everything that was uploaded: sounds to listen to, and lists of numbers. */
export function SoundsPage() {
  const client = useQueryClient()
  const { data, error, isError, refetch } = useQuery(filesQuery)
  const [doomed, setDoomed] = useState<LibraryFile | null>(null)
  const refresh = () => client.invalidateQueries({ queryKey: filesKey })
  const upload = useMutation({ mutationFn: uploadFile, onSuccess: refresh })
  const remove = useMutation({
    mutationFn: (file: LibraryFile) => deleteFile(file.id),
    onSettled: () => {
      setDoomed(null)
      return refresh()
    },
  })
  const sounds = (data?.files ?? []).filter(isSound)
  const lists = (data?.files ?? []).filter((file) => !isSound(file))

  return (
    <Page
      title="Sounds and lists"
      trail={
        <Link to="/campaigns" className={classes.trail}>
          ← Campaigns
        </Link>
      }
      actions={
        <FileButton
          label="Upload"
          filled
          accept=".mp3,.wav,.ogg,.csv,.xlsx,audio/*"
          busy={upload.isPending}
          icon={<IconUpload size={16} aria-hidden />}
          onFile={(file) => upload.mutate(file)}
        />
      }
    >
      {isError && (
        <Fault error={error} title="The library could not be read." onRetry={() => void refetch()} />
      )}
      {upload.isError && <Fault error={upload.error} title="The file was not taken." />}
      {remove.isError && <Fault error={remove.error} title="The file was not deleted." />}
      <Panel title="Sounds">
        {data === undefined && !isError && <LoadingRows rows={3} height={56} label="Sounds" />}
        {data !== undefined && sounds.length === 0 && (
          <Empty>No sound yet. MP3, WAV and OGG are taken, whatever their names end in.</Empty>
        )}
        <ul className={classes.files}>
          {sounds.map((sound) => (
            <li key={sound.id} className={classes.file}>
              <div className={classes.about}>
                <strong>{sound.name}</strong>
                <span>
                  {formatTalk(sound.duration)} · <ClockTime iso={sound.created} />
                </span>
              </div>
              <audio
                controls
                preload="none"
                src={new URL(sound.audio_url).pathname}
                aria-label={`Listen to ${sound.name}`}
              />
              <Remove file={sound} onAsk={setDoomed} />
            </li>
          ))}
        </ul>
      </Panel>
      {lists.length > 0 && (
        <Panel title="Lists of numbers">
          <ul className={classes.files}>
            {lists.map((list) => (
              <li key={list.id} className={classes.file}>
                <div className={classes.about}>
                  <strong>{list.name}</strong>
                  <span>
                    {isSound(list) ? '' : `${plural(list.rows, 'row')} · `}
                    <ClockTime iso={list.created} />
                  </span>
                </div>
                <Remove file={list} onAsk={setDoomed} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {data !== undefined && data.total > data.files.length && (
        <p className={classes.note}>Only the newest {formatCount(data.files.length)} are shown.</p>
      )}
      <Modal
        opened={doomed !== null}
        onClose={() => setDoomed(null)}
        title={`Delete “${doomed?.name ?? ''}”?`}
        centered
      >
        <p>Campaigns that were begun with it still play it; new ones cannot choose it any more.</p>
        <Group gap="xs" mt="md" justify="flex-end">
          <Button variant="default" data-autofocus onClick={() => setDoomed(null)}>
            Keep it
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() => doomed !== null && remove.mutate(doomed)}
          >
            Delete it
          </Button>
        </Group>
      </Modal>
    </Page>
  )
}

function Remove({ file, onAsk }: { file: LibraryFile; onAsk: (file: LibraryFile) => void }) {
  return (
    <Button
      variant="default"
      size="sm"
      leftSection={<IconTrash size={15} color="var(--danger)" aria-hidden />}
      onClick={() => onAsk(file)}
    >
      Delete<span className="unseen"> {file.name}</span>
    </Button>
  )
}
