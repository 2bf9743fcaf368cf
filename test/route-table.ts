import { managers, roles, staff, type Role } from '../src/http/principal.ts'

/**
 * Who passes: roles (an API key passes as a manager, unless the route is personal), `anyone`, or `itself`: the route
 * checks a proof of its own, so without one nothing succeeds.
 */
export type Access = { roles: readonly Role[]; personal: boolean } | 'anyone' | 'itself'

const of = (...allowed: readonly Role[]): Access => ({ roles: allowed, personal: false })
const person = (...allowed: readonly Role[]): Access => ({ roles: allowed, personal: true })

/** One line per route; the slash at the end and HEAD follow from it. */
export const routeTable: Readonly<Record<string, Access>> = {
  // accounts
  'POST /api/accounts/login': 'anyone',
  'POST /api/accounts/logout': person(...roles),
  'POST /api/accounts/register': 'anyone',
  'POST /api/accounts/token/refresh': 'anyone',
  'GET /api/accounts/user_details': of(...roles),
  'PATCH /api/accounts/user_details': person(...roles),
  'POST /api/accounts/verify-email': person(...roles),
  'POST /api/accounts/verify-email/confirm': person(...roles),
  'POST /api/accounts/verify-phone': person(...roles),
  'POST /api/accounts/verify-phone/confirm': person(...roles),
  'POST /api/accounts/payment-method': person(...roles),
  'POST /api/accounts/payment-method/confirm': person(...roles),
  'GET /api/outbox': person('admin'),
  'POST /api/token': 'anyone',
  'POST /api/token/refresh': 'anyone',
  'GET /api/users': person('admin'),
  'POST /api/users': person('admin'),
  'GET /api/users/:id': person('admin'),
  'PATCH /api/users/:id': person('admin'),
  'DELETE /api/users/:id': person('admin'),
  'GET /api/settings': person('admin'),
  'PATCH /api/settings': person('admin'),
  'POST /api/workspaces': person('admin'),
  'GET /api/keys': person('admin'),
  'POST /api/keys': person('admin'),
  'DELETE /api/keys/:id': person('admin'),
  'GET /api/agents': of(...staff),
  'POST /api/agents': of(...managers),
  'GET /api/agents/:id': of(...staff),
  'PATCH /api/agents/:id': of(...managers),
  'GET /api/v1/heroes': of(...roles),
  'POST /api/v1/heroes': person(...roles),
  'GET /api/v1/heroes/:id': of(...roles),
  'PATCH /api/v1/heroes/:id': person(...roles),
  'GET /api/setup': 'anyone',
  'POST /api/setup': 'anyone',
  'GET /files/images/:token': 'anyone',

  // webhooks
  'GET /api/webhooks': person('admin'),
  'POST /api/webhooks': person('admin'),
  'GET /api/webhooks/:id': person('admin'),
  'PATCH /api/webhooks/:id': person('admin'),
  'DELETE /api/webhooks/:id': person('admin'),
  'POST /api/webhooks/:id/rotate': person('admin'),
  'POST /api/webhooks/:id/test': person('admin'),
  'GET /api/webhooks/:id/deliveries': person('admin'),
  'POST /api/webhooks/:id/deliveries/:delivery_id/resend': person('admin'),

  // events
  'GET /api/events': of(...roles),
  'GET /api/events/stream': of(...roles),

  // campaigns and numbers
  'GET /api/system/campaigns': of(...staff),
  'POST /api/system/campaigns': of(...managers),
  'GET /api/system/campaigns/:id/details': of(...staff),
  'PUT /api/system/campaigns/:id/update': of(...managers),
  'DELETE /api/system/campaigns/:id/delete': of(...managers),
  'POST /api/system/campaigns/:id/begin': of(...managers),
  'POST /api/system/campaigns/:id/preview': of(...staff),
  'POST /api/system/campaigns/:id/estimate': of(...managers),
  'GET /api/system/campaigns/:id/report': of(...staff),
  'GET /api/system/campaigns/:id/export': of(...managers),
  'POST /api/system/campaigns/:id/pause': of(...managers),
  'POST /api/system/campaigns/:id/resume': of(...managers),
  'POST /api/system/campaigns/:id/stop': of(...managers),
  'GET /api/system/campaigns/number/:id': of(...staff),
  'POST /api/system/campaigns/number/:id': of(...managers),
  'DELETE /api/system/campaigns/number/:id/delete': of(...managers),
  'GET /api/system/number/:id': of(...staff),
  'POST /api/system/number/:id': of(...managers),
  'PUT /api/system/number/:id': of(...managers),
  'PATCH /api/system/number/:id': of(...managers),
  'GET /api/system/owned/phone_numbers': of(...staff),
  'GET /api/system/otp': of(...managers),
  'POST /api/system/send/otp': of(...managers),
  'POST /api/system/verify/otp': of(...managers),
  'GET /api/system/credits': of(...managers),
  'GET /api/system/phone_numbers': of(...managers),
  'POST /api/system/phone_numbers': of(...managers),
  'DELETE /api/system/phone_numbers': of(...managers),
  'PATCH /api/system/phone_numbers': of(...managers),
  'GET /api/system/files': of(...staff),
  'POST /api/system/files': of(...managers),
  'GET /api/system/files/:id': of(...staff),
  'GET /api/system/files/:id/preview': of(...staff),
  'DELETE /api/system/files/:id': of(...managers),
  'GET /api/system/voices': of(...staff),
  'POST /api/system/test/voice': of(...managers),
  'GET /audio/:token': 'anyone',
  'GET /api/do-not-call': of(...managers),
  'POST /api/do-not-call': of(...managers),
  'DELETE /api/do-not-call': of(...managers),
  'GET /api/jobs/:id': of(...staff),
  'GET /api/jobs/:id/errors': of(...staff),
  'POST /api/jobs/:id/cancel': of(...managers),
  'DELETE /api/jobs/:id': of(...managers),

  // leads and dialers
  'GET /api/dialer-keys': person('admin'),
  'POST /api/dialer-keys': person('admin'),
  'POST /api/dialer-keys/:id/rotate': person('admin'),
  'DELETE /api/dialer-keys/:id': person('admin'),
  'GET /api/leads': of(...staff),
  'POST /api/leads': of(...staff),
  'GET /api/leads/facets': of(...staff),
  'GET /api/leads/export': of(...managers),
  'GET /api/leads/:id': of(...staff),
  'PATCH /api/leads/:id': of(...staff),
  'DELETE /api/leads/:id': of(...staff),
  'GET /api/leads/:id/history': of(...staff),
  'GET /api/leads/:id/timeline': of(...staff),
  'GET /api/leads/:id/duplicates': of(...staff),
  'GET /api/leads/:id/merge': of(...staff),
  'POST /api/leads/:id/merge': of(...staff),
  'GET /api/leads/from-dialer': 'itself',
  'POST /api/leads/from-dialer': 'itself',
  'GET /api/leads/intake-log': of(...managers),
  'GET /api/leads/intake-log/:id': of(...managers),
  'POST /api/leads/intake-log/:id/replay': of(...managers),

  // calls
  'GET /api/calls': of(...staff),
  'POST /api/calls': of(...staff),
  'POST /api/calls/bulk': of(...staff),
  'GET /api/calls/:call_id': of(...staff),
  'GET /api/calls/:call_id/recording': of(...staff),
  'DELETE /api/calls/:call_id/recording': of(...managers),
  'POST /api/calls/:call_id/hangup': of(...staff),
  'GET /api/messages': of(...staff),
  'POST /api/messages': of(...managers),
  'GET /api/messages/inbound': of(...staff),
  'GET /api/messages/:message_id': of(...staff),
  'GET /api/hume-twilio/dashboard/outbound/scheduled': of(...staff),
  'GET /api/mode': of(...roles),

  // call plans
  'GET /call': of(...staff),
  'POST /call': of(...staff),
  'GET /call/today': of(...staff),
  'GET /call/:id': of(...staff),
  'PATCH /call/:id': of(...staff),
  'DELETE /call/:id': of(...staff),
  'GET /call/:id/history': of(...staff),
  'PATCH /call/:id/set_frequency': of(...staff),
  'POST /call/:id/record_call': of(...staff),
  'POST /call/:id/dial': of(...staff),

  // call requests
  'GET /api/requests': of(...roles),
  'GET /api/requests/:id': of(...roles),
  'GET /api/v1/call-requests': of(...roles),
  'POST /api/v1/call-requests': of(...roles),
  'GET /api/v1/call-requests/:id': of(...roles),
  'GET /api/v1/call-requests/:id/calendar.ics': of(...roles),
  'POST /api/v1/call-requests/:id/booking-link': of(...roles),
  'PATCH /api/v1/call-requests/:id/accept': of(...roles),
  'PATCH /api/v1/call-requests/:id/decline': of(...roles),
  'PATCH /api/v1/call-requests/:id/new-times': of(...roles),
  'PATCH /api/v1/call-requests/:id/agreed-time': of(...roles),
  'PATCH /api/v1/call-requests/:id/cancel': of(...roles),
  'GET /b/style.css': 'anyone',
  'GET /b/:token': 'anyone', // the link is the credential
  'GET /b/:token/calendar.ics': 'anyone',
  'POST /b/:token/:move': 'anyone',

  // operations and descriptions
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'GET /metrics': 'anyone', // it checks where the request comes from
  'GET /openapi.json': 'anyone',
  'GET /docs': 'anyone',
  'GET /docs/reference.js': 'anyone',
  'GET /docs/reference.css': 'anyone',
  'GET /docs/errors': 'anyone',
  'GET /docs/errors/:code': 'anyone',
}

/** The console's pages and files, which are there once it was built. */
export function isConsoleFile(url: string): boolean {
  return /^\/(|today|messages|live|setup|sign-in|leads(\/:id)?|agent-dashboard|dialer|numbers|otp|credits|sounds|requests(\/:id)?|heroes(\/:id)?|outbox|account|campaigns(\/:id)?|assets\/\*|[\w-]+\.(svg|js|png|ico|txt|webmanifest))$/.test(
    url,
  )
}
