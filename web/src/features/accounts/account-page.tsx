import { useState, type ReactNode } from 'react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Button, TextInput } from '@mantine/core'
import { problemOf } from '../../lib/api-error.ts'
import type { UserDetails } from '../../lib/api-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { LinkButton } from '../../ui/link-button.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { meKey, meQuery } from './read-me.ts'
import * as account from './verify-account.ts'
import classes from './account.module.css'

/** The own account: who one is, and what was proven of it. */
export function AccountPage() {
  const me = useSuspenseQuery(meQuery).data
  return (
    <Page
      title="Your account"
      actions={
        me.role === 'admin' && (
          <LinkButton to="/outbox" variant="default">
            Outbox
          </LinkButton>
        )
      }
    >
      <Panel title="Verification">
        <p className={classes.quiet}>All three are needed before you can ask a hero for a call.</p>
        <EmailProof me={me} />
        <PhoneProof me={me} />
        <PaymentProof me={me} />
      </Panel>
      <Panel title="About you">
        <ProfileForm key={me.id} me={me} />
      </Panel>
    </Page>
  )
}

function EmailProof({ me }: { me: UserDetails }) {
  return (
    <Proof
      what="E-mail"
      value={me.email}
      proven={me.is_verified_email}
      sends={[{ label: 'Mail me a code', send: account.mailCode }]}
      confirm={account.confirmEmail}
    />
  )
}

function PhoneProof({ me }: { me: UserDetails }) {
  return (
    <Proof
      what="Phone"
      value={me.contact_number || 'No phone yet: write it below and save.'}
      proven={me.is_verified_phone}
      sends={
        me.contact_number === ''
          ? []
          : [
              { label: 'Text me a code', send: () => account.sendPhoneCode('text') },
              { label: 'Call me', send: () => account.sendPhoneCode('voice') },
            ]
      }
      confirm={account.confirmPhone}
    />
  )
}

interface ProofProps {
  what: string
  value: string
  proven: boolean
  sends: { label: string; send: () => Promise<unknown> }[]
  confirm: (code: string) => Promise<unknown>
}

/** Something that is proven by a code that was sent to it. */
function Proof({ what, value, proven, sends, confirm }: ProofProps) {
  const client = useQueryClient()
  const [code, setCode] = useState('')
  const sending = useMutation({ mutationFn: (send: () => Promise<unknown>) => send() })
  const confirming = useMutation({
    mutationFn: () => confirm(code),
    onSuccess: () => client.invalidateQueries({ queryKey: meKey }),
  })
  return (
    <>
      <Fact what={what} value={value} proven={proven}>
        {!proven &&
          sends.map(({ label, send }) => (
            <Button
              key={label}
              variant="default"
              size="xs"
              disabled={sending.isPending}
              onClick={() => sending.mutate(send)}
            >
              {label}
            </Button>
          ))}
      </Fact>
      {!proven && sending.isError && <Fault error={sending.error} title="No code was sent." />}
      {!proven && sending.isSuccess && (
        <form
          className={classes.code}
          onSubmit={(event) => {
            event.preventDefault()
            confirming.mutate()
          }}
        >
          <TextInput
            label={`Code for your ${what.toLowerCase()}`}
            autoComplete="one-time-code"
            inputMode="numeric"
            required
            value={code}
            error={confirming.isError ? problemOf(confirming.error).sentence : undefined}
            onChange={(event) => setCode(event.currentTarget.value)}
            data-autofocus
          />
          <Button type="submit" loading={confirming.isPending}>
            Confirm
          </Button>
        </form>
      )}
    </>
  )
}

function PaymentProof({ me }: { me: UserDetails }) {
  const client = useQueryClient()
  const proving = useMutation({
    mutationFn: async () => {
      const setup = await account.beginPayment()
      await account.confirmPayment(setup.setup_id)
    },
    onSuccess: () => client.invalidateQueries({ queryKey: meKey }),
  })
  return (
    <>
      <Fact
        what="Payment"
        value="Nothing is charged, but for a fee when you cancel too often."
        proven={me.is_verified_payment}
      >
        {!me.is_verified_payment && (
          <Button variant="default" size="xs" loading={proving.isPending} onClick={() => proving.mutate()}>
            Add a means of payment
          </Button>
        )}
      </Fact>
      {proving.isError && <Fault error={proving.error} title="It is not verified yet." />}
    </>
  )
}

function Fact(props: { what: string; value: string; proven: boolean; children: ReactNode }) {
  const { what, value, proven, children } = props
  return (
    <div className={classes.proof}>
      <div>
        <strong>{what}</strong>{' '}
        <span className={proven ? classes.verified : classes.open}>
          {proven ? 'verified' : 'not verified'}
        </span>
        <br />
        <span className={classes.quiet}>{value}</span>
      </div>
      {children}
    </div>
  )
}

function ProfileForm({ me }: { me: UserDetails }) {
  const client = useQueryClient()
  const [given, setGiven] = useState({
    first_name: me.first_name,
    last_name: me.last_name,
    email: me.email,
    phone: me.contact_number,
    timezone: me.timezone ?? '',
  })
  const saving = useMutation({
    mutationFn: () => account.changeProfile(given),
    onSuccess: () => client.invalidateQueries({ queryKey: meKey }),
  })
  const fields = saving.isError ? problemOf(saving.error).fields : undefined
  const field = (name: keyof typeof given, label: string, more: object = {}) => (
    <TextInput
      label={label}
      value={given[name]}
      error={fields?.[name]}
      onChange={(event) => {
        const { value } = event.currentTarget
        setGiven((old) => ({ ...old, [name]: value }))
      }}
      {...more}
    />
  )
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        saving.mutate()
      }}
    >
      <div className={classes.pair}>
        {field('first_name', 'First name', { autoComplete: 'given-name' })}
        {field('last_name', 'Last name', { autoComplete: 'family-name' })}
      </div>
      {field('email', 'E-mail', {
        type: 'email',
        autoComplete: 'email',
        description: 'A new one has to be verified again.',
      })}
      {field('phone', 'Phone', {
        type: 'tel',
        autoComplete: 'tel',
        description: 'A new one has to be verified again.',
      })}
      {field('timezone', 'Time zone', {
        description: 'Like Asia/Kathmandu',
        spellCheck: false,
        list: 'zones',
      })}
      <datalist id="zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      {saving.isError && fields === undefined && <Fault error={saving.error} title="It was not saved." />}
      <div className={classes.code}>
        <Button type="submit" loading={saving.isPending}>
          Save
        </Button>
        {saving.isSuccess && <span role="status">Saved.</span>}
      </div>
    </form>
  )
}
