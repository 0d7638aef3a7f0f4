import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import type { Cloud } from '../../infra/build/artifacts.ts';
import { build } from '../../infra/build.ts';
import { idFrom } from '../../shared/domain/ids.ts';
import { fillWithSample } from '../../shared/providers/sample/fill.ts';
import { type Bench, envelope, openBench, type WireAnswer } from '../conformance/driver.ts';
import { type Receiver, startReceiver } from './escalations.ts';
import { type EventSource, openEventSource } from './event-source.ts';
import type { Host, HostOptions } from './hosts/host.ts';
import { normalised, referenceTickets } from './reference.ts';

/** Of the fixed mix: one that the specialists answer, and one for a human. */
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
/** Nothing that any specialist knows. */
const UNCLEAR = { description: 'Qwx zzkv plo mnrt vvq', customerId: 'cus_acme', channel: 'api' };

/**
 * What the built artifacts have to do on a cloud's own runtime, by its native events alone. They share an embedded store,
 * as processes of one machine; the tests play what is the cloud's: gateway, event source, bus, scheduler.
 */
export function scenario(
  name: string,
  cloud: Cloud,
  fronts: readonly string[],
  open: (options: HostOptions) => Promise<Host>,
): void {
  describe(`built artifacts on ${name}`, () => {
    const out = mkdtempSync(join(tmpdir(), 'trifold-dist-'));
    let bench: Bench;
    let receiver: Receiver;
    let host: Host;
    let source: EventSource;
    let key: string;
    const [front = ''] = fronts;

    beforeAll(async () => {
      await build({ clouds: [cloud], ports: 'local', out });
      bench = openBench(cloud);
      key = await bench.key('admin');
      await fillWithSample(bench.runtime);
      receiver = await startReceiver();
      const env = { TRIFOLD_DATA_DIR: bench.base.env['TRIFOLD_DATA_DIR'] ?? '', TRIFOLD_WEBHOOK_URL: receiver.url };
      host = await open({ dir: join(out, cloud), env });
      source = await openEventSource(host, bench.base.queues);
    }, 120_000);
    afterAll(async () => {
      await host.stop();
      await receiver.stop();
      await bench.remove();
      rmSync(out, { recursive: true });
    });

    const get = (path: string, by = front) =>
      host.request(by, { method: 'GET', path, headers: { authorization: `Bearer ${key}` } });
    const post = (body: unknown, by = front, more: Record<string, string> = {}) =>
      host.request(by, {
        method: 'POST',
        path: '/api/tickets',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    const accepted = (answer: WireAnswer): string => {
      expect([answer.status, answer.text]).toEqual([202, expect.stringContaining('"status":"received"')]);
      return (JSON.parse(answer.text) as { id: string }).id; // the route's declared answer
    };
    const problem = ({ status, headers, text }: WireAnswer) => {
      const { type } = JSON.parse(text) as { type: string }; // a problem document
      return [status, headers['content-type'], type];
    };
    const logged = () => onTestFailed(async () => console.error((await host.log()).slice(-4_000)));

    it('take a ticket from its request to the same end as the local desk', async () => {
      logged();
      const requests = [ANSWERED, HANDED_OVER];
      const reference = await referenceTickets(requests);
      expect(reference).toMatchObject([{ state: 'closed' }, { state: 'handed_over' }]);
      for (const by of fronts) {
        const ids = [];
        for (const request of requests) ids.push(accepted(await post(request, by)));
        await source.drain();
        const tickets = await Promise.all(
          ids.map(async (id) => normalised((await get(`/api/tickets/${id}`, by)).text)),
        );
        expect([by, ...tickets]).toEqual([by, ...reference]);
        expect(receiver.told).toContain(ids[1]);
      }
    }, 120_000);

    it.each(fronts)('give the first answer to a repeated request (%s)', async (by) => {
      logged();
      const headers = { 'idempotency-key': `repeated-${fronts.indexOf(by)}` };
      const [first, second] = [await post(UNCLEAR, by, headers), await post(UNCLEAR, by, headers)];
      expect([accepted(first), second.status, second.headers['location']]).toEqual([
        accepted(second),
        202,
        first.headers['location'],
      ]);
      const reused = await post(ANSWERED, by, headers);
      expect(problem(reused)).toEqual([422, 'application/problem+json', 'urn:trifold:problem:idempotency_key_reused']);
    });

    it('take tickets from the outside queue and the bus, each once', async () => {
      logged();
      const byQueue = envelope('trifold.intake.v1', { ...UNCLEAR, customerId: 'cus_by_queue' });
      const byBus = envelope('support.ticket.requested.v1', { ...UNCLEAR, customerId: 'cus_by_bus' });
      const { queue, bus } = bench.base.queues;
      for (let twice = 0; twice < 2; twice++) {
        await queue.send('intake', [{ id: String(byQueue['id']), body: JSON.stringify(byQueue) }]);
        const { id, type } = byBus;
        await bus.publish([{ id: String(id), type: String(type), subject: '', body: JSON.stringify(byBus) }]);
        await source.drain();
      }
      const expected = (customer: string, message: Record<string, unknown>) => [
        customer,
        [[idFrom('tkt', 'main', String(message['source']), String(message['id'])), 'handed_over']],
      ];
      const listed = async (customer: string) => {
        const { items } = JSON.parse((await get(`/api/tickets?customer=${customer}`)).text) as {
          items: { id: string; state: string }[];
        }; // the route's declared answer
        return [customer, items.map(({ id, state }) => [id, state])];
      };
      expect(await listed('cus_by_queue')).toEqual(expected('cus_by_queue', byQueue));
      expect(await listed('cus_by_bus')).toEqual(expected('cus_by_bus', byBus));
    }, 60_000);

    it('run a schedule for its instant, and answer a direct call', async () => {
      logged();
      const at = Date.UTC(2026, 10, 20, 3, 15);
      await host.tick({ function: 'discovery', trigger: 'daily' }, at);
      const runs = await bench.runtime.store.find('i1', 'discovery#main');
      const [run] = runs.items.map(({ value }) => value as { id: string; startedAt: number; resources: number }); // written by discovery alone
      expect(runs.items).toHaveLength(1);
      const instant = Number(run?.id.replace('run_', ''));
      // Azure's timer does not tell the instant for which it was due.
      if (cloud === 'azure') expect(Math.abs(instant - Date.now())).toBeLessThan(60_000);
      else expect(instant).toBe(at);
      expect(await host.call({ function: 'discovery', trigger: 'count' }, {})).toEqual({ total: run?.resources });
      expect(run?.resources).toBeGreaterThan(0);
    }, 30_000);

    it('ask again for the one of ten that fails, until it does not', async () => {
      logged();
      const ids: string[] = [];
      for (let i = 0; i < 10; i++) ids.push(accepted(await post(UNCLEAR)));
      await source.drain({ leave: ['escalations'] });
      const failing = ids[6] ?? '';
      const before = receiver.told.length;
      receiver.refuse(failing);
      const verdicts = await source.once('escalations');
      expect(verdicts.toSorted()).toEqual([...Array(9).fill('acknowledged'), 'again']);
      expect(receiver.told.slice(before).toSorted()).toEqual(ids.filter((id) => id !== failing).toSorted());
      expect(await source.once('escalations')).toEqual(['again']);
      receiver.refuse(undefined);
      expect(await source.once('escalations')).toEqual(['acknowledged']);
      expect(receiver.told.slice(before).toSorted()).toEqual(ids.toSorted());
    }, 60_000);

    it('bury what they do not know, and show it with its reason', async () => {
      logged();
      const message = envelope('trifold.nonsense.v1', {});
      await bench.base.queues.queue.send('tickets', [{ id: 'nonsense', body: JSON.stringify(message) }]);
      expect(await source.once('tickets')).toEqual(['acknowledged']);
      const { items } = JSON.parse((await get('/api/dead-letters?queue=tickets')).text) as { items: unknown[] }; // the route's declared answer
      expect(items).toMatchObject([
        { code: 'unknown_type', messageId: message['id'], function: 'orchestrator', trigger: 'received', attempts: 1 },
      ]);
      const lines = (await host.log()).split('\n').filter((line) => line.includes('A message became a dead letter'));
      expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
        { level: 'ERROR', cloud, source: 'tickets', code: 'unknown_type', timestamp: expect.stringMatching(/Z$/) },
      ]);
    }, 30_000);

    describe.each(fronts)('refuse over %s', (by) => {
      it('a wrong key', async () => {
        const answer = await post(UNCLEAR, by, { authorization: `Bearer tf_main_${'A'.repeat(43)}` });
        expect(problem(answer)).toEqual([401, 'application/problem+json', 'urn:trifold:problem:unauthenticated']);
      });

      it('malformed JSON', async () => {
        const answer = await post('{"description":', by);
        if (cloud !== 'gcp') {
          expect(problem(answer)).toEqual([400, 'application/problem+json', 'urn:trifold:problem:bad_request']);
          return;
        }
        // The one exception: the Functions Framework answers before our code runs. Production mode keeps the stack back.
        expect([answer.status, answer.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
        expect(answer.text).not.toMatch(/\bat |node_modules|\.js:|Error:/);
      });

      it('1 MB', async () => {
        const answer = await post({ ...UNCLEAR, description: 'x'.repeat(1024 * 1024) }, by);
        expect(problem(answer)).toEqual([413, 'application/problem+json', 'urn:trifold:problem:too_large']);
      });

      it('a route that nobody declared', async () => {
        const answer = await get('/api/nowhere', by);
        expect(problem(answer)).toEqual([404, 'application/problem+json', 'urn:trifold:problem:not_found']);
      });
    });
  });
}
