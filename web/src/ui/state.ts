import {
  IconArrowBackUp,
  IconBan,
  IconCheck,
  IconCircle,
  IconCircleDashed,
  IconCircleFilled,
  IconCircleHalf2,
  IconCircleOff,
  IconSquareFilled,
  IconWaveSine,
  IconX,
  type Icon,
} from '@tabler/icons-react'

/** How a state of a call or a number looks. Never by colour alone: each has its own mark and its word. */
export interface StateLook {
  word: string
  color: string
  icon: Icon
  /** Drawn with stripes in a bar, to tell it from its neighbour of a like colour. */
  striped?: boolean
}

const looks: Record<string, StateLook> = {
  queued: { word: 'Waiting', color: 'var(--state-pending)', icon: IconCircle },
  waiting: { word: 'Waiting', color: 'var(--muted)', icon: IconCircleDashed },
  not_started: { word: 'Not started', color: 'var(--muted)', icon: IconCircleDashed },
  placing: { word: 'Placing', color: 'var(--state-pending)', icon: IconCircle },
  initiated: { word: 'Placing', color: 'var(--state-pending)', icon: IconCircle },
  unknown: { word: 'Checking', color: 'var(--state-pending)', icon: IconCircleDashed },
  ringing: { word: 'Ringing', color: 'var(--state-ringing)', icon: IconCircleHalf2 },
  calling: { word: 'Calling', color: 'var(--state-ringing)', icon: IconCircleHalf2 },
  in_progress: { word: 'Talking', color: 'var(--state-in-progress)', icon: IconCircleFilled },
  completed: { word: 'Completed', color: 'var(--state-completed)', icon: IconCheck },
  hungup: { word: 'Hung up', color: 'var(--state-hungup)', icon: IconArrowBackUp },
  unanswered: { word: 'Unanswered', color: 'var(--state-unanswered)', icon: IconCircleOff },
  no_answer: { word: 'No answer', color: 'var(--state-unanswered)', icon: IconCircleOff },
  busy: { word: 'Busy', color: 'var(--state-unanswered)', icon: IconWaveSine, striped: true },
  failed: { word: 'Failed', color: 'var(--state-failed)', icon: IconX },
  held: { word: 'Held', color: 'var(--state-failed)', icon: IconCircleDashed },
  canceled: { word: 'Canceled', color: 'var(--state-terminated)', icon: IconSquareFilled },
  terminated: { word: 'Terminated', color: 'var(--state-terminated)', icon: IconSquareFilled },
  not_placed: { word: 'Not placed', color: 'var(--state-pending)', icon: IconBan },
  skipped: { word: 'Skipped', color: 'var(--state-pending)', icon: IconBan, striped: true },
  sending: { word: 'Sending', color: 'var(--state-ringing)', icon: IconCircleHalf2 },
  accepted: { word: 'Sending', color: 'var(--state-ringing)', icon: IconCircleHalf2 },
  sent: { word: 'Sent', color: 'var(--state-in-progress)', icon: IconCircleFilled },
  unconfirmed: { word: 'Sent', color: 'var(--state-in-progress)', icon: IconCircleDashed },
  delivered: { word: 'Delivered', color: 'var(--state-completed)', icon: IconCheck },
  undelivered: { word: 'Undelivered', color: 'var(--state-unanswered)', icon: IconCircleOff },
  not_sent: { word: 'Not sent', color: 'var(--state-pending)', icon: IconBan },
  live: { word: 'Waiting', color: 'var(--state-ringing)', icon: IconCircleHalf2 },
  verified: { word: 'Verified', color: 'var(--state-completed)', icon: IconCheck },
  expired: { word: 'Expired', color: 'var(--state-unanswered)', icon: IconCircleOff },
  replaced: { word: 'Replaced', color: 'var(--state-pending)', icon: IconArrowBackUp },
  owned: { word: 'Owned', color: 'var(--state-completed)', icon: IconCheck },
  buying: { word: 'Being bought', color: 'var(--state-ringing)', icon: IconCircleHalf2 },
  pending: { word: 'Pending', color: 'var(--state-ringing)', icon: IconCircleHalf2 },
  releasing: { word: 'Being released', color: 'var(--state-terminated)', icon: IconCircleHalf2 },
  hold: { word: 'Held', color: 'var(--state-pending)', icon: IconCircleDashed },
  settle: { word: 'Charged', color: 'var(--state-in-progress)', icon: IconCircleFilled },
  release: { word: 'Released', color: 'var(--state-pending)', icon: IconArrowBackUp },
  invalid: { word: 'Invalid', color: 'var(--state-failed)', icon: IconBan },
}

/** The look of a state under any of its spellings; a new word from the server is shown as it came. */
export function lookOf(state: string): StateLook {
  const known = looks[state.toLowerCase().replace(/[ -]/g, '_')]
  return known ?? { word: state, color: 'var(--state-pending)', icon: IconCircleDashed }
}
