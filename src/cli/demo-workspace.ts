/** The people of a demo: one account for every part, all with the same printed password. */
import { hashPassword } from '../accounts/password.ts'
import { createUser, type NewUser } from '../accounts/user-store.ts'
import { createWorkspace } from '../accounts/workspace-store.ts'
import { transaction, type Sql } from '../db/sql.ts'
import { addDemoLeads } from './demo-leads.ts'

export const demoPassword = 'demo-password'
export const demoAdmin = 'admin@demo.test'

/** The leads are in this person's care. */
const leadsOf = 'agent1@demo.test'

type Person = Omit<NewUser, 'workspaceId' | 'passwordHash'>

/** Their phones are numbers that the simulated carrier always answers: a call plan can be dialed at once. */
export const demoPeople: readonly Person[] = [
  {
    email: demoAdmin,
    role: 'admin',
    firstName: 'Demo',
    lastName: 'Admin',
    phone: '+12025550124',
    isOwner: true,
  },
  {
    email: 'manager@demo.test',
    role: 'manager',
    firstName: 'Demo',
    lastName: 'Manager',
    phone: '+12025550123',
  },
  {
    email: 'agent1@demo.test',
    username: 'agent1',
    role: 'agent',
    firstName: 'Agent',
    lastName: 'One',
    phone: '+12025550112',
  },
  {
    email: 'agent2@demo.test',
    username: 'agent2',
    role: 'agent',
    firstName: 'Agent',
    lastName: 'Two',
    phone: '+12025550113',
  },
  {
    email: 'agent3@demo.test',
    username: 'agent3',
    role: 'agent',
    firstName: 'Agent',
    lastName: 'Three',
    phone: '+12025550106',
  },
  {
    email: 'hero@demo.test',
    role: 'hero',
    firstName: 'Tom',
    lastName: 'Brady',
    timeZone: 'America/Chicago',
    phone: '+13125550142',
    isVerifiedPhone: true,
  },
  {
    email: 'caller@demo.test',
    role: 'caller',
    firstName: 'Demo',
    lastName: 'Caller',
    timeZone: 'Asia/Kathmandu',
    phone: '+13125550143',
    isVerifiedEmail: true,
    isVerifiedPhone: true,
    isVerifiedPayment: true,
  },
]

/** Makes the demo's workspace and people, once. */
export async function ensureDemoWorkspace(
  sql: Sql,
  defaults: { timeZone: string; defaultRegion: string },
  now: Date,
): Promise<void> {
  const passwordHash = await hashPassword(demoPassword)
  await transaction(sql, async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('demo workspace'))`
    const known = await tx`select from users where lower(email) = ${demoAdmin} limit 1`
    if (known.length > 0) return
    const workspace = await createWorkspace(
      tx,
      { name: 'Demo', slug: 'demo', isDemo: true, settings: { ...defaults, signUpOpen: true } },
      now,
    )
    for (const person of demoPeople) {
      const user = { ...person, workspaceId: workspace.id, passwordHash, isVerifiedEmail: true }
      const { id } = await createUser(tx, user, now)
      if (person.email === leadsOf) await addDemoLeads(tx, { workspaceId: workspace.id, assignedTo: id }, now)
    }
  })
}
