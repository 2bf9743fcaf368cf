import { useQuery } from '@tanstack/react-query'
import { NativeSelect } from '@mantine/core'
import { campaignsQuery } from './read-campaigns.ts'

interface CampaignPickerProps {
  value: number | undefined
  onChange: (campaignId: number | undefined) => void
}

/** One of the newest campaigns, or all of them. A campaign that is not among these still shows as its number. */
export function CampaignPicker({ value, onChange }: CampaignPickerProps) {
  const { data } = useQuery(campaignsQuery(1))
  const listed = (data?.campaigns ?? []).map(({ id, name }) => ({ value: String(id), label: name }))
  const missing = value !== undefined && !listed.some((one) => one.value === String(value))
  return (
    <NativeSelect
      aria-label="Campaign"
      value={value === undefined ? '' : String(value)}
      onChange={(event) =>
        onChange(event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value))
      }
      data={[
        { value: '', label: 'All campaigns' },
        ...(missing ? [{ value: String(value), label: `Campaign ${value}` }] : []),
        ...listed,
      ]}
      w={200}
      flex="1 1 140px"
    />
  )
}
