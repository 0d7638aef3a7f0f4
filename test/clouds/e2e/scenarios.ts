import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { idFrom } from '../../../shared/domain/ids.ts';
import { envelope, type WireAnswer } from '../../conformance/driver.ts';
import { type CloudDesk, MAX_ATTEMPTS } from './desk.ts';

/**
 * Ten parts of a ticket's life. Each returns what can be seen of it from outside, which is the same on every cloud but
 * for ids and times (`golden.json`).
 */
export interface Scenario {
  readonly name: string;
  /** Done before the first scenario, for what takes time by itself; its result is given to `run`. */
  readonly begin?: (desk: CloudDesk) => Promise<string>;
  readonly run: (desk: CloudDesk, begun: string) => Promise<unknown>;
}

const ANSWERED = {
  description: 'When does our plan renew and how much will you take from the card?',
  customerId: 'cus_globex_ferries',
  channel: 'api',
};
const HANDED_OVER = {
  description: 'I was charged twice for invoice INV-2041 this month, please refund one of the payments.',
  subject: 'Charged twice',
  customerId: 'cus_acme',
  channel: 'api',
};
const LOCKED_OUT = {
  description: 'I forgot my password and the reset link for my account never arrives.',
  customerId: 'cus_acme',
  channel: 'api',
};
/** Nothing that any specialist knows. */
const UNCLEAR = { description: 'Qwx zzkv plo mnrt vvq', customerId: 'cus_acme', channel: 'api' };

/** Over every cloud's largest queue message (1 MiB), and of it as much as an item holds. */
const LARGE = {
  attributes: 300,
  attributeCharacters: 1_000,
  padding: 900_000,
} as const;

export const scenarios: readonly Scenario[] = [
  {
    name: 'a ticket is answered',
    async run(desk) {
      const id = await opened(desk, ANSWERED);
      return { ticket: await ended(desk, id), told: desk.people.told(id).length };
    },
  },
  {
    name: 'a ticket is handed over with a suggested reply',
    async run(desk) {
      const id = await opened(desk, HANDED_OVER);
      const ticket = await ended(desk, id);
      const told = await until(
        () => desk.people.told(id),
        (all) => all.length > 0,
      );
      return { ticket, told };
    },
  },
  {
    name: 'a ticket that the outside queue brings twice is one ticket',
    async run(desk) {
      const message = envelope('trifold.intake.v1', { ...UNCLEAR, customerId: 'cus_by_queue', channel: 'queue' });
      const id = String(message['id']);
      for (let times = 1; times <= 2; times++) {
        await desk.base.queue.send('intake', [{ id, body: JSON.stringify(message) }]);
        await until(
          () => desk.deliveries.of('intake', id),
          (all) => all.length === times,
        );
      }
      const ticket = await ended(desk, idFrom('tkt', 'main', String(message['source']), id));
      return {
        ticket,
        listed: await listed(desk, 'customer=cus_by_queue'),
        deliveries: desk.deliveries.of('intake', id),
      };
    },
  },
  {
    name: 'a ticket that the bus brings twice is one ticket',
    async run(desk) {
      const event = envelope('support.ticket.requested.v1', { ...UNCLEAR, customerId: 'cus_by_bus', channel: 'bus' });
      const [id, type] = [String(event['id']), String(event['type'])];
      const other = envelope('nobody.listens.v1', {});
      const body = (one: object) => JSON.stringify(one);
      for (let times = 1; times <= 2; times++) {
        await desk.base.bus.publish([
          { id: String(other['id']), type: 'nobody.listens.v1', subject: '', body: body(other) },
          { id, type, subject: '', body: body(event) },
        ]);
        await until(
          () => desk.deliveries.of('event-orchestrator-requested', id),
          (all) => all.length === times,
        );
      }
      const ticket = await ended(desk, idFrom('tkt', 'main', String(event['source']), id));
      return {
        ticket,
        listed: await listed(desk, 'customer=cus_by_bus'),
        deliveries: desk.deliveries.of('event-orchestrator-requested', id),
      };
    },
  },
  {
    name: 'a request is answered by its key, or refused with a problem',
    async run(desk) {
      const headers = { 'idempotency-key': 'the-same' };
      const body = { ...UNCLEAR, customerId: 'cus_by_key' };
      const first = await post(desk, body, headers);
      const second = await post(desk, body, headers);
      const reused = await post(desk, ANSWERED, headers);
      await ended(desk, idOf(first));
      return {
        sameAnswer: first.text === second.text && first.headers['location'] === second.headers['location'],
        first: shown(first),
        second: shown(second),
        reused: shown(reused),
        listed: await listed(desk, 'customer=cus_by_key'),
        wrongKey: shown(await post(desk, body, { authorization: `Bearer tf_main_${'A'.repeat(43)}` })),
        unknownRoute: shown(await get(desk, '/api/nowhere')),
        unknownTicket: shown(await get(desk, `/api/tickets/tkt_${'a'.repeat(26)}`)),
      };
    },
  },
  {
    name: 'a message that nobody understands, or that fails too often, is a dead letter until it is replayed',
    run: async (desk) => ({ nonsense: await nonsense(desk), refused: await refused(desk) }),
  },
  {
    name: 'of ten messages the one that fails comes again, alone',
    async run(desk) {
      await desk.hold('escalations');
      const ids = await Promise.all(
        Array.from({ length: 10 }, () => opened(desk, { ...UNCLEAR, customerId: 'cus_of_ten' })),
      );
      for (const id of ids) await ended(desk, id);
      desk.people.refuse(ids[6] ?? '', 1);
      await desk.release('escalations');
      const deliveries = () => ids.map((id) => desk.deliveries.of('escalations', id));
      await until(deliveries, (all) => all.every((one) => one.at(-1) === 'acknowledged'));
      return { deliveries: deliveries(), told: ids.map((id) => desk.people.told(id).length) };
    },
  },
  {
    name: 'a body over the limit of the queue waits as an object',
    async run(desk) {
      const attributes = Object.fromEntries(
        Array.from({ length: LARGE.attributes }, (_, i) => [`part-${i}`, 'ä'.repeat(LARGE.attributeCharacters / 2)]),
      );
      const data = { ...UNCLEAR, customerId: 'cus_large', channel: 'queue', attributes };
      const message = envelope('trifold.intake.v1', data, { padding: 'x'.repeat(LARGE.padding) });
      const id = String(message['id']);
      await desk.base.queue.send('intake', [{ id, body: JSON.stringify(message) }]);
      const ticket = await ended(desk, idFrom('tkt', 'main', String(message['source']), id));
      const { items } = await desk.base.objects().list('claim-checks/');
      return {
        ticket: { ...ticket, attributes: digestOf(ticket['attributes']) },
        sent: digestOf(attributes),
        // The pipeline of a function found it there, too: the ticket is what was sent.
        waiting: items.map(({ size }) => size === Buffer.byteLength(JSON.stringify(message))),
        deliveries: desk.deliveries.of('intake', id),
      };
    },
  },
  {
    name: 'a schedule runs, and direct calls are answered',
    async run(desk) {
      await desk.host.tick({ function: 'discovery', trigger: 'daily' }, Date.UTC(2026, 10, 20, 3, 15));
      const { items } = await desk.base.store.find('i1', 'discovery#main');
      const [run] = items.map(({ value }) => value as { id: string }); // written by discovery alone
      const discovered = () => desk.deliveries.of('event-cost-report-discovered', run?.id ?? '');
      await until(discovered, (all) => all.length > 0);
      const counted = await desk.host.call({ function: 'discovery', trigger: 'count' }, {});
      const triaged = await desk.host.call(
        { function: 'orchestrator', trigger: 'triage' },
        { text: HANDED_OVER.description },
      );
      return { runs: items.map(({ value }) => value), discovered: discovered(), counted, triaged };
    },
  },
  {
    name: 'a ticket whose specialist never answers is decided at its deadline',
    // Thirty seconds on the cloud's own clock: the other scenarios happen meanwhile.
    async begin(desk) {
      await desk.hold('account');
      return opened(desk, LOCKED_OUT);
    },
    async run(desk, id) {
      const waiting = await until(
        () => followed(desk, id),
        ({ state, findings }) => state === 'gathering' && (findings as unknown[]).length > 0,
      );
      await pause(Math.max(0, Number(waiting['deadline']) + 1_000 - Date.now()));
      await desk.host.tick({ function: 'operations', trigger: 'sweep' }, Date.now());
      const ticket = await ended(desk, id);
      // Late, and once more by the sweeper: neither changes what was decided.
      await desk.release('account');
      await until(
        () => desk.deliveries.of('account', id),
        (all) => all.length === 2,
      );
      const { decision, state } = await followed(desk, id);
      return {
        waiting,
        ticket,
        afterwards: { decision, state },
        late: desk.deliveries.of('account', id),
      };
    },
  },
];

/** A type that the queue's function does not know, and what is no JSON: dead letters at once, and after a replay again. */
async function nonsense(desk: CloudDesk): Promise<unknown> {
  const message = envelope('trifold.nonsense.v1', {});
  const id = String(message['id']);
  await desk.base.queue.send('tickets', [
    { id, body: JSON.stringify(message) },
    { id: 'broken', body: '{"specversion":' },
  ]);
  const dead = await until(
    () => deadLetters(desk, 'tickets'),
    (letters) => letters.length === 2,
  );
  // Held, so that the replay is noted on the letter before the message dies again.
  await desk.hold('tickets');
  const letter = dead.find(({ code }) => code === 'unknown_type');
  const replayed = await replay(desk, letter);
  await desk.release('tickets');
  const deliveries = () => desk.deliveries.of('tickets', id);
  await until(deliveries, (all) => all.length === 2);
  return { dead, replayed, afterwards: await deadLetters(desk, 'tickets'), deliveries: deliveries() };
}

/** Nobody takes the notification of a ticket as often as it is tried; then they do. */
async function refused(desk: CloudDesk): Promise<unknown> {
  await desk.hold('escalations');
  const id = await opened(desk, { ...UNCLEAR, customerId: 'cus_refused' });
  await ended(desk, id);
  desk.people.refuse(id, MAX_ATTEMPTS);
  await desk.release('escalations');
  const dead = await until(
    () => deadLetters(desk, 'escalations'),
    (letters) => letters.length > 0,
  );
  const before = desk.people.told(id).length;
  const replayed = await replay(desk, dead[0]);
  const deliveries = () => desk.deliveries.of('escalations', id);
  await until(deliveries, (all) => all.length > MAX_ATTEMPTS);
  return { dead, replayed, deliveries: deliveries(), told: [before, desk.people.told(id).length] };
}

const PATIENCE_MS = 90_000;

/** Looks until it satisfies; what it saw last shows in the error when it never does. */
async function until<T>(look: () => T | Promise<T>, satisfied: (seen: T) => boolean): Promise<T> {
  for (const started = Date.now(); ; ) {
    const seen = await look();
    if (satisfied(seen)) return seen;
    if (Date.now() - started > PATIENCE_MS)
      throw new Error(`This did not become what was expected: ${JSON.stringify(seen).slice(0, 2_000)}`);
    await pause(100);
  }
}

const get = ({ host, key }: CloudDesk, path: string): Promise<WireAnswer> =>
  host.request('', { method: 'GET', path, headers: { authorization: `Bearer ${key}` } });

const post = (
  { host, key }: CloudDesk,
  body: unknown,
  more: Readonly<Record<string, string>> = {},
  path = '/api/tickets',
): Promise<WireAnswer> =>
  host.request('', {
    method: 'POST',
    path,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

type Shown = Readonly<Record<string, unknown>>;

/** The answer's JSON; throws what it says when it is not a success. */
function jsonOf({ status, text }: WireAnswer): Shown {
  if (status >= 300) throw new Error(`${status}: ${text}`);
  return JSON.parse(text) as Shown; // objects, by the routes' declarations
}

const idOf = (answer: WireAnswer): string => String(jsonOf(answer)['id']);
const opened = async (desk: CloudDesk, body: object): Promise<string> => idOf(await post(desk, body));
const followed = async (desk: CloudDesk, id: string): Promise<Shown> => jsonOf(await get(desk, `/api/tickets/${id}`));

/** The ticket once the machine is done with it; one that has not come yet is waited for as well. */
async function ended(desk: CloudDesk, id: string): Promise<Shown> {
  const answer = await until(
    () => get(desk, `/api/tickets/${id}`),
    ({ status, text }) => status === 200 && /"state":"(closed|handed_over)"/.test(text),
  );
  return jsonOf(answer);
}

const listed = async (desk: CloudDesk, filter: string): Promise<unknown> =>
  jsonOf(await get(desk, `/api/tickets?${filter}`));

interface DeadLetter {
  readonly id: string;
  readonly code: string;
  readonly messageId: string;
}

/** In order of their reasons, since several may die in one millisecond. */
async function deadLetters(desk: CloudDesk, queue: string): Promise<readonly DeadLetter[]> {
  const { items } = jsonOf(await get(desk, `/api/dead-letters?queue=${queue}`)) as { items: DeadLetter[] }; // as declared
  return items.toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

const replay = async (desk: CloudDesk, letter: DeadLetter | undefined) =>
  shown(await post(desk, undefined, {}, `/api/dead-letters/${letter?.id}/replay`));

const shown = ({ status, headers, text }: WireAnswer) => ({
  status,
  type: headers['content-type'],
  body: JSON.parse(text) as unknown,
});

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
