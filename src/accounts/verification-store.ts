import type { Queryable, Tx } from '../db/sql.ts'

type Who = { workspaceId: number; userId: string }

/** Keeps a code for this person; one that was sent before is worth nothing any more. Times are database time. */
export async function keepEmailCode(
  tx: Tx,
  who: Who,
  code: { email: string; hash: Buffer; expiresAt: Date },
): Promise<void> {
  await tx`
    insert into email_codes (workspace_id, user_id, email, code_hash, expires_at)
    values (${who.workspaceId}, ${who.userId}, ${code.email}, ${code.hash}, ${code.expiresAt})
    on conflict (workspace_id, user_id) do update
       set email = excluded.email, code_hash = excluded.code_hash, expires_at = excluded.expires_at, attempts = 0`
}

/** The code of this person, and one guess more; null when there is none that still counts. */
export async function guessEmailCode(
  sql: Queryable,
  who: Who,
  limit: { mostGuesses: number; wall: Date },
): Promise<{ email: string; hash: Buffer } | null> {
  const [row] = await sql<{ email: string; hash: Buffer }[]>`
    update email_codes
       set attempts = attempts + 1
     where workspace_id = ${who.workspaceId} and user_id = ${who.userId}
       and expires_at > ${limit.wall} and attempts < ${limit.mostGuesses}
    returning email, code_hash as hash`
  return row ?? null
}

export async function dropEmailCode(tx: Tx, who: Who): Promise<void> {
  await tx`delete from email_codes where workspace_id = ${who.workspaceId} and user_id = ${who.userId}`
}

export async function keepPaymentSetup(
  tx: Tx,
  who: Who,
  setup: { id: string; customer: string | null; now: Date },
): Promise<void> {
  await tx`
    insert into payment_setups (workspace_id, id, user_id, customer, created_at)
    values (${who.workspaceId}, ${setup.id}, ${who.userId}, ${setup.customer}, ${setup.now})`
}

/** This person's own setup; another's is not there. */
export async function findPaymentSetup(
  sql: Queryable,
  who: Who,
  id: string,
): Promise<{ id: string; customer: string | null } | null> {
  const [row] = await sql<{ id: string; customer: string | null }[]>`
    select id, customer from payment_setups
     where workspace_id = ${who.workspaceId} and user_id = ${who.userId} and id = ${id}`
  return row ?? null
}

/** The setup was proven: the person pays by this means from now on. */
export async function confirmPaymentSetup(
  tx: Tx,
  who: Who,
  setup: { id: string; customer: string | null; paymentMethod: string; now: Date },
): Promise<void> {
  await tx`
    update payment_setups set confirmed_at = coalesce(confirmed_at, ${setup.now})
     where workspace_id = ${who.workspaceId} and id = ${setup.id}`
  await tx`
    update users set payment_customer = ${setup.customer}, payment_method = ${setup.paymentMethod}
     where workspace_id = ${who.workspaceId} and id = ${who.userId}`
}

export async function findPaymentMeans(
  sql: Queryable,
  who: Who,
): Promise<{ customer: string | null; paymentMethod: string | null } | null> {
  const [row] = await sql<{ customer: string | null; paymentMethod: string | null }[]>`
    select payment_customer as customer, payment_method as "paymentMethod" from users
     where workspace_id = ${who.workspaceId} and id = ${who.userId}`
  return row ?? null
}
