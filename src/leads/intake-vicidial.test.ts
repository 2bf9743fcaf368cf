/** What the stock dialer really sends: every variable it has, most of them empty, in a query string or a form. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLeadWorld, intakeUrl, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
  // The dialer knows its agents by numbers of its own.
  await world.database.sql`update users set dialer_user_id = '6666' where username = 'agent2'`
})
afterAll(() => world.close())

/** The web form's default variables, in the dialer's order. */
const webForm = [
  'lead_id=1139&vendor_id=V-9&list_id=2000&gmt_offset_now=5.75&phone_code=977&phone_number=9841000200',
  'title=Mr&first_name=Hari&middle_initial=B&last_name=Thapa&address1=1+Ring+Road&address2=&address3=&city=Kathmandu',
  'state=&province=&postal_code=44600&country_code=NPL&gender=U&date_of_birth=0000-00-00&alt_phone=&email=',
  'security_phrase=&comments=likes+mornings&user=6666&pass=s3cret-pass&orig_pass=s3cret-orig&campaign=SOLAR',
  'phone_login=1001a&original_phone_login=1001x&phone_pass=s3cret-phone&fronter=VDAD&closer=6666&group=SOLAR',
  'channel_group=SOLAR&SQLdate=2026-07-11+105845&epoch=1689065926&uniqueid=1689065900.21',
  'customer_zap_channel=SIP/line-00000006&customer_server_ip=10.10.90.19&server_ip=10.10.90.19&SIPexten=1001',
  'session_id=8600051&phone=9841000200&parked_by=1139&dispo=&dialed_number=9841000200&dialed_label=MAIN&source_id=',
  'rank=0&owner=&camp_script=&in_script=&script_width=774&script_height=474&fullname=The+Agent+Herself',
  'agent_email=agent%40example.com&recording_filename=20260711-105845_9841000200&recording_id=77&user_custom_one=a',
  'user_custom_two=&user_custom_three=&user_custom_four=&user_custom_five=&preset_number_a=&preset_number_b=',
  'preset_number_c=&preset_number_d=&preset_number_e=&preset_dtmf_a=&preset_dtmf_b=&did_id=&did_extension=',
  'did_pattern=&did_description=&closecallid=&xfercallid=&agent_log_id=126&entry_list_id=2000&call_id=V5033',
  'user_group=AGENTS&list_name=Test&list_description=only+a+test&entry_date=2019-10-21+092136&did_custom_one=',
].join('&')

test('the web form with all its variables makes the lead of the customer, not of the agent', async () => {
  const answer = await world.get(webForm)
  expect(answer.statusCode).toBe(201)
  expect(answer.json().lead).toMatchObject({
    full_name: 'Hari B Thapa',
    dialer_lead_id: '1139',
    phone: '9841000200',
    phone_e164: '+9779841000200',
    gender: 'U',
    date_of_birth: null,
    alt_phone: null,
    email: null,
    SQLdate: '2026-07-11 105845',
    SIPexten: '1001',
    recording_file: '20260711-105845_9841000200',
    comments: 'likes mornings',
    assigned_agent_username: 'agent2',
  })
})

test('its disposition address, a GET as the call ends, updates the same lead', async () => {
  const query =
    'lead_id=1139&phone_number=9841000200&phone_code=977&user=6666&dispo=SALE&talk_time=61&campaign=SOLAR&uniqueid=1689065900.21&SQLdate=2026-07-11+10:59:46'
  const answer = await world.get(query)
  expect(answer.statusCode).toBe(201)
  expect(answer.json()).toMatchObject({
    message: 'Lead updated successfully',
    lead: {
      dialer_lead_id: '1139',
      full_name: 'Hari B Thapa',
      city: 'Kathmandu',
      SQLdate: '2026-07-11 10:59:46',
    },
  })
  const count = await world.database.sql`select from leads where dialer_lead_id = '1139'`
  expect(count).toHaveLength(1)
})

test('the same variables as a form, urlencoded or in parts, update the same lead', async () => {
  const form = webForm.replace('city=Kathmandu', 'city=Pokhara')
  const posted = await world.post(form, { headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  expect([posted.statusCode, posted.json().lead.city]).toEqual([201, 'Pokhara'])
  const parts = new FormData()
  for (const [name, value] of new URLSearchParams(webForm.replace('city=Kathmandu', 'city=Biratnagar')))
    parts.set(name, value)
  const encoded = new Response(parts)
  const type = encoded.headers.get('content-type') ?? ''
  const body = Buffer.from(await encoded.arrayBuffer())
  const inParts = await world.post(body, { headers: { 'content-type': type } })
  expect([inParts.statusCode, inParts.json().lead.city]).toEqual([201, 'Biratnagar'])
  expect(inParts.json().lead.id).toBe(posted.json().lead.id)
})

test('a form is joined with the query of its address', async () => {
  const answer = await world.post('first_name=Mina&city=', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    query: '?user=6666&lead_id=joined&city=Dharan',
  })
  expect(answer.json().lead).toMatchObject({ dialer_lead_id: 'joined', full_name: 'Mina', city: 'Dharan' })
})

test('letters of western Europe arrive as the older dialers write them', async () => {
  const answer = await world.get('user=6666&lead_id=latin&first_name=J%F6rg&last_name=Fr%FCrst')
  expect(answer.json().lead.full_name).toBe('Jörg Frürst')
  const utf8 = await world.get('user=6666&lead_id=utf8&first_name=%E0%A4%B8%E0%A5%80%E0%A4%A4%E0%A4%BE')
  expect(utf8.json().lead.full_name).toBe('सीता')
})

test('variables the dialer did not replace, and calls dialed by hand, are no values', async () => {
  const first = await world.get('user=6666&lead_id=0&first_name=--A--first_name--B--&last_name=One')
  const second = await world.get('user=6666&lead_id=0&last_name=Two')
  expect(first.json().lead).toMatchObject({ full_name: 'One', dialer_lead_id: null })
  expect(second.json().lead.id).not.toBe(first.json().lead.id)
})

test('passwords are in no table, whatever became of the message', async () => {
  await world.get(webForm.replace('user=6666', 'user=VDCL'))
  await world.post(`{"user": "agent1", "pass": "s3cret-json", broken`)
  await world.post('pass=s3cret-text&user=', { headers: { 'content-type': 'text/plain' } })
  const [found] = await world.database.sql<{ count: number }[]>`
    select (select count(*) from dialer_intake entry where entry::text like '%s3cret%')
         + (select count(*) from leads lead where lead::text like '%s3cret%')
         + (select count(*) from lead_changes change where change::text like '%s3cret%') as count`
  expect(found?.count).toBe(0)
})

test('a key in the query opens only where the workspace says so, and is kept nowhere', async () => {
  const query = 'user=6666&lead_id=query-key&api_key=demo-dialer-key'
  const closed = await world.get(query, {})
  expect([closed.statusCode, closed.json().error]).toEqual([401, 'Invalid API key'])
  await world.set({ intake_query_key: true })
  expect((await world.get(query, {})).statusCode).toBe(201)
  const rows = await world.database.sql`select from dialer_intake where body::text like '%demo-dialer-key%'`
  expect(rows).toHaveLength(0)
  await world.set({ intake_query_key: false })
  expect((await world.get(query, {})).statusCode).toBe(401)
})

test('the browser window that the web form opens goes on to the lead, without a name in its address', async () => {
  const answer = await world.get(webForm, {
    'x-dialer-api-key': 'demo-dialer-key',
    'sec-fetch-mode': 'navigate',
  })
  const lead = answer.json().lead
  expect(answer.headers['refresh']).toMatch(
    new RegExp(`^0; url=http://[^/]+/agent-dashboard\\?from_dialer=true&lead_id=${lead.id}$`),
  )
  expect(answer.headers['referrer-policy']).toBe('no-referrer')
  expect((await world.get(webForm)).headers['refresh']).toBeUndefined()
})

test('another method is refused', async () => {
  const headers = { 'x-dialer-api-key': 'demo-dialer-key' }
  expect((await world.app.inject({ method: 'PUT', url: intakeUrl, headers })).statusCode).toBe(405)
})
