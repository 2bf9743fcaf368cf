import { useState } from 'react'
import { Page } from '../../ui/page.tsx'
import { OtpLog } from './otp-log.tsx'
import { SendPanel } from './send-panel.tsx'
import { VerifyPanel } from './verify-panel.tsx'
import classes from './otp.module.css'

/** What the URL of the page says. */
export interface OtpSearch {
  page?: number | undefined
}

interface OtpPageProps {
  search: OtpSearch
  onSearch: (change: Partial<OtpSearch>) => void
}

/** The code that is being verified: which one, and how to name it to a person. */
export interface ChosenCode {
  otpId: string
  number: string
}

/** One-time codes: send one, try one, and what became of those that were sent. */
export function OtpPage({ search, onSearch }: OtpPageProps) {
  const [chosen, setChosen] = useState<ChosenCode | null>(null)
  return (
    <Page title="Codes">
      <div className={classes.forms}>
        <SendPanel onSent={setChosen} />
        <VerifyPanel key={chosen?.otpId ?? ''} chosen={chosen} onForget={() => setChosen(null)} />
      </div>
      <OtpLog page={search.page ?? 1} onPage={(page) => onSearch({ page })} onVerify={setChosen} />
    </Page>
  )
}
