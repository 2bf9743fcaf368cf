/**
 * Every code an error of the API can carry: a title, and what to do about it. Shown at /docs/errors/<code>. One line
 * per code, in the order of the alphabet: `code | title | sentence`.
 */
const table = `
address_not_allowed | Address not allowed | The dialer's address is not on the workspace's intake_allow_list.
address_refused | Address not allowed | Only https addresses on the public internet are fetched. Upload the file instead.
address_unreadable | Address not readable | The file could not be fetched from the address. Upload it instead.
agent_exists | Person is an agent already | A person is one agent at most. Change the agent that exists.
agent_not_found | No such agent | Nobody active has this username or dialer_user_id. Map the dialer's user, then replay the message.
agent_user_unknown | No such person | An agent can be an active admin, manager or agent of the same workspace.
agent_without_phone | No phone to ring | The phone of the person is rung: that of the plan's caller, or of the agent a key leads to. It stands in their profile.
already_dialing | Being dialed already | The lead of this plan is being called. Wait until that call has ended.
already_taken | Taken already | The message became a lead before. Nothing is left to replay.
audio_empty | No sound | The file holds no sound that could be played.
audio_not_found | No such sound | The address of a sound ends after two to three days. Ask for a new one.
audio_too_long | Sound too long | A sound may last 30 minutes. Shorten it.
bad_signature | Wrong signature | The webhook was not signed by the carrier for the address it was sent to.
body_too_large | Body too large | A body of fields may have 1 MiB. Send a file, or less at once.
call_is_over | Call is over | The call has ended and cannot be ended again.
calling_hours_unset | Calling hours not chosen | A live carrier needs calling hours. Choose them in the settings.
campaign_not_found | No such campaign | There is no campaign with this id in your workspace.
carrier_unavailable | Carrier away | The carrier cannot be asked right now. The same request may succeed in a moment.
country_closed | Country closed | One-time codes are not sent to this country. An administrator can open it in otp_countries.
cross_site_request | Request from another site | A request signed in by cookie must come from the console itself.
database_busy | Database busy | The database took too long to answer. Try again.
database_unavailable | Database away | The database is not reachable right now. Try again in a moment.
dialer_user_id_taken | Dialer id taken | Another person of the workspace has this dialer_user_id.
do_not_call | On the do-not-call list | The number is on the do-not-call list of the workspace.
duplicate_number | Number twice | The campaign has this number already.
email_taken | E-mail taken | Somebody else has this e-mail. Every e-mail is used once in the whole installation.
email_unverified | E-mail not verified | Verify the e-mail before asking for a call: POST /api/accounts/verify-email/.
file_not_found | No such file | There is no file with this id in your workspace.
file_too_large | File too large | The file is larger than this server takes. Split it, or raise the limit.
forbidden | Not allowed | Your role or your key may not do this. An administrator can change that.
idempotency_in_progress | Still running | A request with this Idempotency-Key is still running. Repeat it in a moment.
idempotency_key_too_long | Idempotency-Key too long | An Idempotency-Key has at most 255 characters.
idempotency_mismatch | Key used for another request | This Idempotency-Key came with another body before. Use a new key.
image_too_large | Picture too large | A profile picture may have 2 MiB.
import_running | Import still running | The numbers of the campaign are still being read. Wait for the job to end.
in_the_future | In the future | A call is recorded when it was made. Clocks may differ by five minutes.
internal_error | Internal error | Something went wrong on our side. The request id finds it in the log.
invalid | Invalid request | The request does not have the documented form.
invalid_api_key | Wrong dialer key | Send a live dialer key in X-Dialer-Api-Key. An administrator makes them.
invalid_call_sid | No call id | The webhook does not carry the id of a call.
invalid_conference_sid | No conference id | The webhook does not carry the id of a conference.
invalid_cursor | Invalid cursor | The cursor belongs to another list or was changed. Begin without it.
invalid_digits | No such key | A webhook about keys says which were pressed: 0 to 9, * or #.
invalid_field | Invalid field | The error names each field with its value and what is accepted.
invalid_frequency | Unknown frequency | A frequency is DAILY, WEEKLY, BIWEEKLY or MONTHLY.
invalid_image | Not a picture | A profile picture is a PNG, JPEG, GIF or WebP file.
invalid_instant | Not an instant | Write instants like 2024-12-28T10:00:00Z.
invalid_message_sid | No id of a text | The webhook does not carry the id of a text.
invalid_number | Not a phone number | The number is not possible. Write it with its country code, like +9779841000000.
invalid_outcome | Unknown outcome | An outcome is answered, no_answer, busy, left_message, wrong_number or other.
invalid_page | Invalid page | The page lies beyond the end of the list. Begin at page 1.
invalid_schedule_date | Unreadable time | A time to begin at looks like 2023-05-09T17:07.
invalid_status | Unknown status | The word is not one of the documented statuses.
job_not_found | No such job | There is no job with this id in your workspace.
job_over | Job is over | The job has ended and can be neither canceled nor changed.
last_admin | Last administrator | A workspace keeps one active administrator. Make somebody else one first.
lead_id_taken | Dialer id taken | Another lead of the workspace has this dialer_lead_id.
lead_not_found | No such lead | There is no lead with this id, or you may not see it.
magic_number | Number of the simulated carrier | These numbers do not exist on a live carrier. Remove them.
message_too_long | Message too long | Shorten the message: the error says how long it may be.
method_not_allowed | Method not allowed | The address does not have this method. The Allow header lists those it has.
missing_audio | No audio | priority audio needs an audio, from this request or from before.
missing_field | Missing field | Send every required field. The body of the error lists them.
nested_too_deeply | Nested too deeply | Lists and objects may be nested 32 levels deep.
no_active_account | Wrong name or password | There is no active account with this name and password.
no_caller_id | No number to call from | Buy or verify a number at the carrier, or set CALLER_ID.
no_credit | Not enough credit | The limit of the workspace is reached. Raise credit_limit, or wait until holds are released.
no_newer_proposal | Nothing new was proposed | A time of this proposal was agreed already. Suggest new times to change it.
no_number_to_block | No number to block | The lead has no number that can be read, so there is nothing to put on the do-not-call list.
no_recording | No recording | The call was not recorded, or its recording was deleted.
no_usable_number | No usable number | None of the campaign's numbers can be called. Correct or add some.
not_a_csv | Not a readable file | The file is neither CSV nor a known spreadsheet.
not_a_party | Not a party | Only the user and the hero of a call request may do this.
not_a_workbook | Not a workbook | The file cannot be read as a workbook. Save it again, or as CSV.
not_audio | Not a sound file | The content of the file is neither MP3, WAV nor OGG, whatever its name is.
not_authenticated | Not signed in | Send an access token or an API key in the Authorization header.
not_found | Not found | There is nothing at this address, or you may not see it.
not_owned | Number not owned | A campaign calls from numbers that the workspace owns.
not_the_hero | Not the hero | Only the hero of the call request may do this.
nothing_to_call | Nothing to call | No number has a status that this begin takes up.
number_being_bought | Number is being bought | The carrier is being asked for it. Look again in a moment.
number_calling | Number is being called | Wait until the call has ended.
number_in_use | Number in use | Something still calls from the number. Wait for its end, or stop it.
number_not_found | No such number | There is no number with this id in your workspace.
number_not_owned | Not your number | The number is available, but the workspace does not have it.
number_owned | Number is yours already | The workspace has this number.
number_refused | Number not sold | The carrier does not sell this number to this account.
number_taken | Number taken | Somebody else has taken the number meanwhile. Choose another one.
otp_breaker | Codes are held back | Hardly any code to numbers that begin like this one was verified. Try again later.
outside_calling_hours | Outside calling hours | The number may be called when its calling hours are open.
overloaded | Overloaded | Too much is waiting to be written. Send the request again in a moment.
own_time | Own suggestion | A time is agreed by the party that did not suggest it.
password_too_short | Password too short | A password has at least 10 characters.
payment_not_confirmed | Payment not confirmed | Finish the setup at the payment provider, then confirm it.
payment_unverified | Payment not verified | Add a means of payment before asking for a call: POST /api/accounts/payment-method/.
payments_unavailable | Payment provider away | The provider cannot be asked right now. Try again in a moment.
phone_unverified | Phone not verified | Verify the phone before asking for a call: POST /api/accounts/verify-phone/.
plan_exists | Lead has a plan | A lead has one call plan. Change the one that exists.
plan_paused | Plan is paused | The lead is on do-not-call or closed. Nobody calls it.
purchase_unclear | Purchase unclear | The carrier did not say whether the number was bought. It is found out by itself.
run_not_found | No such run | The campaign has no run with this id. Its report names them.
run_open | Run is open | The campaign is scheduled, running or paused. Stop it first.
same_lead | The same lead | A lead cannot be merged with itself.
same_number | Same number | A phone cannot be joined with itself.
schedule_in_past | Time has passed | Name a time in the future, or leave it out to begin now.
setup_done | Set up already | The installation has its administrator. Sign in instead.
setup_link_invalid | Setup link not valid | The link was used or is older than 30 minutes. Print a new one: npx trunkline setup-link.
sign_up_closed | Sign-up closed | Ask an administrator of the workspace for an account.
simulated_number | Number of the simulated carrier | This number does not exist on a live carrier. Give another.
speech_off | Not spoken here | SPEECH=carrier lets the carrier say messages, so this server has no sound of them.
speech_unavailable | No voice | Nothing can speak messages right now. Let the carrier say them with SPEECH=carrier.
time_already_proposed | Time proposed before | Every time is proposed once in a call request. Suggest another.
time_not_proposed | Time not proposed | Agree on a time of the other party's newest proposal.
time_overlaps | Time taken | One of the parties has another agreed call at that time. Choose another.
time_passed | Time has passed | Suggest new times.
token_not_valid | Token not valid | The token is wrong, expired, of the wrong kind, or was revoked. Sign in again.
too_many_cancellations | Too many cancellations | Send force: true to cancel nevertheless; it may cost a fee.
too_many_keys | Too many keys | Delete API keys that nobody uses.
too_many_requests | Too many requests | Wait as many seconds as the Retry-After header says.
too_many_webhooks | Too many webhooks | Delete webhooks that nobody uses.
unknown_agent | No such agent | There is no agent with this id in your workspace.
unknown_column | No such column | Name one of the columns of the file; its preview shows them.
unknown_file | No such file | Upload the file first.
unknown_person | No such person | Leads are assigned to active admins, managers and agents of the workspace.
unknown_reference | No such call | The webhook speaks of a call that is not known.
unknown_setup | No such setup | Begin to prove a means of payment, and confirm with the setup_id of that answer.
unknown_status | Unknown status | The error lists the statuses that are accepted.
unknown_tags | Unknown tags | The message or the tags name what the campaign has not. Its usable_tags are in its details.
unknown_voice | No such voice | The voices there are are listed at /api/system/voices/.
unreadable_body | Unreadable body | The body is not what its Content-Type says. Check quotes, commas and boundaries.
unreadable_request | Unreadable request | What arrived is no HTTP request, came too slowly, or has headers over 16 KiB.
unstorable_text | Text that cannot be stored | A text holds a NUL character or half of a surrogate pair. Remove it.
unsupported_media_type | Unknown content type | Send JSON, a urlencoded form or multipart/form-data.
username_taken | Username taken | Somebody else has this username.
webhook_off | Webhook is off | Switch the webhook on before something is sent to it.
workbook_locked | Workbook with a password | Save the workbook without a password, or the sheet as CSV.
workbook_macros | Workbook with macros | Save the workbook without macros, or the sheet as CSV.
workbook_too_large | Workbook too large | The workbook unpacks to more than a list of people holds. Save the sheet as CSV.
wrong_code | Wrong code | The code is wrong, expired, or was guessed too often. Ask for a new one.
wrong_password | Wrong password | current_password is not your password.
wrong_request_status | Status does not fit | The call request is not in a status that allows this.
xls_not_supported | Workbook of the old kind | Save the workbook as XLSX or as CSV.
`

export type ErrorCode = { title: string; sentence: string }

export const errorCodes: ReadonlyMap<string, ErrorCode> = new Map(
  table
    .trim()
    .split('\n')
    .map((line): [string, ErrorCode] => {
      const [code = '', title = '', sentence = ''] = line.split(' | ')
      return [code, { title, sentence }]
    }),
)

/** `missing_field` is `Missing field`, unless the table says it better. */
export function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ')
  return errorCodes.get(code)?.title ?? words.charAt(0).toUpperCase() + words.slice(1)
}
