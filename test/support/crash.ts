import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openStore } from '../../shared/clouds/local/store.ts';
import { isTerminal } from '../../shared/domain/ticket.ts';
import { SHARDS, shardHash } from '../../shared/pipeline/outbox.ts';
import { systemClock } from '../../shared/ports/clock.ts';
import type { Store } from '../../shared/ports/store.ts';
import { eventually } from '../contracts/support.ts';
import { call, codeOf, type Followed } from './api.ts';
import { type RunningDesk, spawnDesk, startDesk } from './desk.ts';
import { seeded } from './random.ts';
import { allTickets, type MixTicket, readMix, requestOf } from './tickets.ts';

export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  /** New tickets in one life of the desk, at most. */
  readonly perLife: number;
}

/** What a run of kills came to; `violations` is empty when every promise was kept. */
export interface CrashReport {
  readonly acknowledged: number;
  readonly replies: number;
  readonly handedOver: number;
  readonly violations: readonly string[];
}

const CLIENTS = 6;
/** Tells the callers' tickets from those of the sample. */
const OURS = 'form';
/** A desk starts in about this time; some kills hit it before it is ready. */
const START_MS = 400;
const LIFE_MS = 450;
/** More violations than this say nothing new. */
const MOST_TOLD = 20;

/** What the callers know: the ids that were promised to them, by idempotency key. */
interface Book {
  readonly acknowledged: Map<string, string>;
  /** Keys whose request got no answer: the ticket may exist or not. */
  readonly unsure: Set<string>;
  /** Ids of tickets without a key, and how many of those requests got no answer. */
  readonly keyless: Set<string>;
  keylessUnsure: number;
  readonly violations: string[];
}

/**
 * Kills a desk again and again under load, as a power cut would, and looks at what the callers were promised: every
 * acknowledged ticket ended, one desk message for each reply decision, one ticket for each idempotency key.
 */
export async function crashAgainAndAgain({ kills, seed, perLife }: CrashOptions): Promise<CrashReport> {
  const random = seeded(seed);
  const mix = readMix();
  const book: Book = {
    acknowledged: new Map(),
    unsure: new Set(),
    keyless: new Set(),
    keylessUnsure: 0,
    violations: [],
  };
  const first = await startDesk({ sample: true });
  let desk: RunningDesk = first;
  let posted = 0;
  const nextKey = () => `crash-${posted++}`;
  try {
    for (let life = 0; life < kills; life++) {
      const moment = random() * LIFE_MS;
      const clients = postUntilItEnds(desk, book, mix, perLife, nextKey, random);
      await pause(moment);
      await desk.kill();
      await clients;
      if (random() < 0.2) await killDuringStart(first, random() * START_MS);
      desk = await startDesk({ data: first.data, key: first.key });
    }
    await askAgain(desk, book, mix);
    return await inspect(desk, book);
  } finally {
    await desk.kill();
    await first.remove();
  }
}

async function killDuringStart(first: RunningDesk, ms: number): Promise<void> {
  const starting = spawnDesk({ data: first.data });
  starting.ready.catch(() => {});
  await pause(ms);
  starting.process.kill('SIGKILL');
  await starting.ended;
}

/** Callers that post one ticket after the other, some of them again, until the desk is gone or they have posted enough. */
async function postUntilItEnds(
  desk: RunningDesk,
  book: Book,
  mix: readonly MixTicket[],
  most: number,
  nextKey: () => string,
  random: () => number,
): Promise<void> {
  let left = most;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const dice = random();
      const known = dice < 0.15 ? pick([...book.acknowledged.keys()], random) : undefined;
      const open = dice < 0.4 ? pick([...book.unsure], random) : undefined;
      const gone =
        dice > 0.9 ? await postWithoutKey(desk, book, mix) : await post(desk, book, mix, known ?? open ?? nextKey());
      if (gone) return;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

const pick = (keys: readonly string[], random: () => number): string | undefined =>
  keys[Math.floor(random() * keys.length)];

const ticketOf = (key: string, mix: readonly MixTicket[]): unknown => {
  const ticket = mix[Number(key.split('-')[1]) % mix.length];
  return ticket && { ...requestOf(ticket), channel: OURS };
};

/** Returns whether the desk is gone. */
async function post(desk: RunningDesk, book: Book, mix: readonly MixTicket[], key: string): Promise<boolean> {
  if (!book.acknowledged.has(key)) book.unsure.add(key);
  try {
    const answer = await call<{ id: string }>(desk, 'POST', '/api/tickets', ticketOf(key, mix), {
      'idempotency-key': key,
    });
    if (answer.status === 202) {
      const before = book.acknowledged.get(key);
      if (before !== undefined && before !== answer.body.id)
        book.violations.push(`${key} made ${before} and ${answer.body.id}`);
      book.acknowledged.set(key, answer.body.id);
      book.unsure.delete(key);
    } else if (codeOf(answer) !== 'request_under_way') book.violations.push(`${key} was answered ${codeOf(answer)}`);
    return false;
  } catch {
    return true;
  }
}

async function postWithoutKey(desk: RunningDesk, book: Book, mix: readonly MixTicket[]): Promise<boolean> {
  try {
    const answer = await call<{ id: string }>(desk, 'POST', '/api/tickets', ticketOf('none-0', mix));
    if (answer.status === 202) book.keyless.add(answer.body.id);
    else book.violations.push(`A ticket without a key was answered ${codeOf(answer)}`);
    return false;
  } catch {
    book.keylessUnsure++;
    return true;
  }
}

/** Callers ask again for what got no answer. A key that was under way at a kill stays so until its deadline is over. */
async function askAgain(desk: RunningDesk, book: Book, mix: readonly MixTicket[]): Promise<void> {
  for (const key of [...book.unsure, ...[...book.acknowledged.keys()].slice(-20)]) await post(desk, book, mix, key);
}

async function inspect(desk: RunningDesk, book: Book): Promise<CrashReport> {
  const store = openStore(join(desk.data, 'store.db'), systemClock);
  try {
    const promised = [...book.acknowledged.values(), ...book.keyless];
    const { violations } = book;
    const waiting = async () => [
      ...(await allTickets(desk, '&state=received')),
      ...(await allTickets(desk, '&state=gathering')),
    ];
    for (const { id, state } of await eventually(waiting, (open) => open.length === 0, 150))
      violations.push(`${id} is still ${state}`);
    const left = await eventually(
      () => leftInOutboxes(store),
      (rows) => rows.length === 0,
      100,
    );
    if (left.length > 0) violations.push(`${left.length} rows are left in outboxes: ${left.slice(0, 3).join(', ')}`);

    const listed = (await allTickets(desk)).filter(({ channel }) => channel === OURS).map(({ id }) => id);
    if (new Set(listed).size !== listed.length) violations.push('A ticket is listed twice');
    const unpromised = new Set(listed).difference(new Set(promised)).size;
    if (unpromised > book.unsure.size + book.keylessUnsure)
      violations.push(
        `${unpromised} tickets that nobody was promised, but only ${book.unsure.size} keys without answer`,
      );
    if (new Set(promised).size !== promised.length) violations.push('Two keys made one ticket');

    let replies = 0;
    for (const id of new Set([...promised, ...listed])) {
      const answer = await call<Followed>(desk, 'GET', `/api/tickets/${id}`);
      if (answer.status !== 200) {
        violations.push(`${id} was acknowledged and is gone`);
        continue;
      }
      violations.push(...(await faultsOf(answer.body, store)));
      if (answer.body.state === 'closed') replies++;
    }
    const dead = await call<{ items: { reason: string }[] }>(desk, 'GET', '/api/dead-letters');
    violations.push(...dead.body.items.map(({ reason }) => `Dead letter: ${reason}`));
    const told = [...new Set(violations)].slice(0, MOST_TOLD);
    return { acknowledged: promised.length, replies, handedOver: promised.length - replies, violations: told };
  } finally {
    await store.close?.();
  }
}

async function leftInOutboxes(store: Store): Promise<string[]> {
  const rows: string[] = [];
  for (let shard = 0; shard < SHARDS; shard++)
    rows.push(...(await store.find('due', shardHash(shard))).items.map((item) => `${item.partition} ${item.key}`));
  return rows;
}

/** What is wrong with one ticket after everything has settled. */
async function faultsOf(ticket: Followed, store: Store): Promise<string[]> {
  const { id, state, decision, messages, findings } = ticket;
  const faults: string[] = [];
  const said = messages.filter(({ from }) => from === 'desk');
  if (!isTerminal(state) || !decision) return [`${id} is ${state} without an end`];
  if (decision.version !== 1) faults.push(`${id} was decided ${decision.version} times`);
  const wanted = decision.kind === 'reply' ? 1 : 0;
  if (said.length !== wanted) faults.push(`${id} has ${said.length} messages for its ${decision.kind}`);
  if (wanted === 1 && said[0]?.text !== decision.suggestedReply) faults.push(`${id} says what was not decided`);
  if ((state === 'closed') !== (decision.kind === 'reply')) faults.push(`${id} is ${state} by a ${decision.kind}`);
  if (new Set(findings.map(({ agent }) => agent)).size !== findings.length) faults.push(`${id} has a finding twice`);
  if (state === 'handed_over' && !(await store.get(`main/ticket/${id}`, 'escalation/1')))
    faults.push(`${id} was handed over and nobody was told`);
  return faults;
}
