import { Kbd, Modal, Switch } from '@mantine/core'
import { useShortcutSheet, useSingleKeys } from '../ui/keyboard.ts'
import classes from './key-sheet.module.css'

const names: Record<string, string> = { ' ': 'Space', Escape: 'Esc' }

const inLists = [
  { keys: '↑', label: 'Previous row' },
  { keys: '↓', label: 'Next row' },
  { keys: 'Enter', label: 'Open the row' },
]

/** Every key that works on this page. */
export function KeySheet(props: { opened: boolean; onClose: () => void; onClosed: () => void }) {
  const groups = useShortcutSheet()
  const [singleKeys, setSingleKeys] = useSingleKeys()
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      onExitTransitionEnd={props.onClosed}
      title="Keys"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes.groups}>
        {[...groups, { title: 'In a list', shortcuts: inLists }].map((group) => (
          <section key={group.title} className={classes.group}>
            <h2>{group.title}</h2>
            <dl>
              {group.shortcuts.map(({ keys, label }) => (
                <div key={keys} className={classes.line}>
                  <dt>{label}</dt>
                  <dd>
                    {(names[keys] === undefined ? keys.split(' ') : [names[keys]]).map((key) => (
                      <Kbd key={key}>{key.length === 1 ? key.toUpperCase() : key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Switch
        mt="lg"
        checked={singleKeys}
        onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        label="Single keys work"
        description="Turn off if keys are struck by chance, or by speech."
      />
    </Modal>
  )
}
