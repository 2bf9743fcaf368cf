import { useEffect, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from '@mantine/core'
import { readDraft, writeDraft } from '../../lib/draft.ts'
import { Fault } from '../../ui/fault.tsx'
import { Page } from '../../ui/page.tsx'
import type { Campaign } from './campaign.ts'
import { CheckBlock } from './check-block.tsx'
import { compositionOf, emptyComposition, readComposition, type Composition } from './composition.ts'
import { ListBlock } from './list-block.tsx'
import { PreviewBlock } from './preview-block.tsx'
import { campaignQuery } from './read-campaign.ts'
import { sample } from './sample.ts'
import { WhatBlock } from './what-block.tsx'
import { WhenBlock } from './when-block.tsx'
import { WhoBlock } from './who-block.tsx'
import classes from './composer.module.css'

interface NewCampaignPageProps {
  /** Begin with a list and a message that are ready to be rehearsed. */
  startWithSample: boolean
  /** The campaign whose list is there already. */
  campaignId: number | undefined
}

/** Who, what, when and a check, on one page. Nobody is called before the last button. */
export function NewCampaignPage({ startWithSample, campaignId }: NewCampaignPageProps) {
  const {
    data: campaign,
    error,
    isError,
  } = useQuery({
    ...campaignQuery(campaignId ?? 0),
    enabled: campaignId !== undefined,
  })
  if (isError)
    return (
      <Page title="New campaign">
        <Fault error={error} title="This campaign could not be read." />
      </Page>
    )
  // A campaign that is composed again begins with what it has, so it has to be there first.
  if (campaignId !== undefined && campaign === undefined) return <Page title="New campaign">{null}</Page>
  return <Composer campaign={campaign} startWithSample={startWithSample} />
}

function draftName(campaign: Campaign | undefined): string {
  return campaign === undefined ? 'new campaign' : `campaign ${campaign.id}`
}

function Composer(props: { campaign: Campaign | undefined; startWithSample: boolean }) {
  const { campaign, startWithSample } = props
  const navigate = useNavigate()
  const [composed, setComposed] = useState<Composition>(
    () =>
      (startWithSample ? { ...emptyComposition, ...sampled() } : null) ??
      readComposition(readDraft(draftName(campaign))) ??
      (campaign === undefined ? emptyComposition : compositionOf(campaign)),
  )
  const change = (some: Partial<Composition>) => setComposed((old) => ({ ...old, ...some }))
  const name = draftName(campaign)
  useEffect(() => writeDraft(name, JSON.stringify(composed)), [name, composed])

  function goOn(made: Campaign): void {
    writeDraft(draftName(made), JSON.stringify(composed))
    writeDraft(draftName(undefined), '')
    void navigate({ to: '/campaigns/new', search: { campaign: made.id }, replace: true })
  }

  function begun(): void {
    writeDraft(name, '')
    if (campaign !== undefined)
      void navigate({ to: '/campaigns/$campaignId', params: { campaignId: String(campaign.id) } })
  }

  return (
    <Page
      title={campaign?.name ?? 'New campaign'}
      actions={
        campaign === undefined && (
          <Button variant="default" onClick={() => change(sampled())}>
            Fill in a sample
          </Button>
        )
      }
    >
      <div className={classes.blocks}>
        <div className={classes.column}>
          {campaign === undefined ? (
            <WhoBlock composed={composed} onChange={change} onMade={goOn} />
          ) : (
            <ListBlock campaign={campaign} />
          )}
          <WhatBlock composed={composed} onChange={change} tags={campaign?.usableTags ?? null} />
          <WhenBlock composed={composed} onChange={change} />
        </div>
        <div className={classes['aside-column']}>
          {campaign === undefined ? (
            <p className={classes.aside}>
              Once the list is there, this side shows what each person gets and what it all comes to.
            </p>
          ) : (
            <>
              <PreviewBlock campaign={campaign} message={composed.message} />
              <CheckBlock campaign={campaign} composed={composed} onBegun={begun} />
            </>
          )}
        </div>
      </div>
    </Page>
  )
}

function sampled(): Partial<Composition> {
  return {
    name: sample.name,
    pasted: sample.numbers.join('\n'),
    message: sample.message,
    service: 'PHONE',
    voice: 'en_emma',
  }
}
