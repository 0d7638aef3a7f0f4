import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../shared/domain/dead-letter.ts';
import { BODY_LIMIT } from '../../shared/http/body.ts';
import type { CloudName } from '../../shared/settings.ts';
import { type Bench, type Driver, envelope, openBench, type WireAnswer } from './driver.ts';
import { gates, seen } from './probe.ts';

const ATTEMPTS = 5;

/** What every cloud's host has to do, told by its native events alone. */
export function conformance(name: string, cloud: CloudName, open: (bench: Bench) => Promise<Driver> | Driver): void {
  describe(`conformance: ${name}`, () => {
    let bench: Bench;
    let driver: Driver;
    const keys = { viewer: '', operator: '', admin: '' };
    beforeAll(async () => {
      seen.clear();
      bench = openBench(cloud, { TRIFOLD_MAX_ATTEMPTS: String(ATTEMPTS) });
      driver = await open(bench);
      for (const role of ['viewer', 'operator', 'admin'] as const) keys[role] = await bench.key(role);
    });
    afterAll(async () => {
      await driver.close();
      await bench.remove();
    });

    const as = (role: keyof typeof keys, more: Record<string, string> = {}) => ({
      authorization: `Bearer ${keys[role]}`,
      ...more,
    });
    const json = (role: keyof typeof keys, more: Record<string, string> = {}) =>
      as(role, { 'content-type': 'application/json', ...more });
    const post = (body: string | Uint8Array, headers: Record<string, string> = json('operator')) =>
      driver.request({ method: 'POST', path: '/probe/things', headers, body });
    const problem = (answer: WireAnswer) => {
      expect(answer.headers['content-type']).toBe('application/problem+json');
      const document = JSON.parse(answer.text) as { type: string; status: number; detail: string; traceId: string };
      expect(document.status).toBe(answer.status);
      expect(document.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(answer.text).not.toMatch(/\bat .*\.(ts|js|mjs):|node_modules|Error:/);
      return document.type.replace('urn:trifold:problem:', '');
    };
    const deadLetters = async (queue: string): Promise<DeadLetter[]> =>
      (await bench.runtime.store.find('i2', `dead-queue#main#${queue}`, { limit: 1000 })).items.map(
        (item) => item.value as unknown as DeadLetter,
      ); // written by the pipeline alone
    const effects = async (key: string) =>
      (await bench.runtime.store.get(`main/work/${key}`, 'work'))?.value as
        | { effects: number; workspace: string; trace: string }
        | undefined; // written by the probe
    const work = (key: string, mode = 'ok', more: Record<string, unknown> = {}) =>
      envelope('trifold.probe.v1', { key, mode }, more);

    describe('HTTP', () => {
      it('answers with the declared status, the location of what was made, and its JSON', async () => {
        const answer = await post('{"name":"lamp"}');
        const { id } = JSON.parse(answer.text) as { id: string };
        expect([answer.status, answer.headers['location'], JSON.parse(answer.text)]).toEqual([
          201,
          `/probe/things/${id}`,
          { id, name: 'lamp' },
        ]);
        const read = await driver.request({ method: 'GET', path: `/probe/things/${id}`, headers: as('viewer') });
        expect([read.status, JSON.parse(read.text)]).toEqual([200, { id, name: 'lamp' }]);
      });

      it('answers text and no content as declared', async () => {
        const text = await driver.request({ method: 'GET', path: '/probe/text' });
        expect([text.status, text.headers['content-type'], text.text]).toEqual([
          200,
          'text/plain; charset=utf-8',
          'grüß dich',
        ]);
        const removed = await driver.request({
          method: 'DELETE',
          path: '/probe/things/thg_none',
          headers: as('admin'),
        });
        expect([removed.status, removed.text]).toEqual([204, '']);
      });

      it('lets the more particular route answer', async () => {
        const answer = await driver.request({ method: 'GET', path: '/probe/things/mine', headers: as('viewer') });
        expect(JSON.parse(answer.text)).toEqual({ mine: true });
      });

      it('reads queries by their schema and refuses unknown and doubled parameters', async () => {
        const query = async (search: string) => driver.request({ method: 'GET', path: `/probe/query${search}` });
        expect(JSON.parse((await query('?n=7')).text)).toEqual({ n: 7 });
        for (const search of ['', '?n=x', '?n=1&m=2', '?n=1&n=2']) {
          const answer = await query(search);
          expect([search, answer.status, problem(answer)]).toEqual([search, 400, 'bad_request']);
        }
      });

      const bad: [string, string | Uint8Array, Record<string, string>, number, string][] = [
        ['malformed JSON', '{"name":', {}, 400, 'bad_request'],
        ['an empty body', '', {}, 400, 'bad_request'],
        ['an unknown field', '{"name":"a","color":"red"}', {}, 400, 'bad_request'],
        ['a wrong type', '{"name":1}', {}, 400, 'bad_request'],
        ['200 levels of nesting', `{"name":${'['.repeat(200)}${']'.repeat(200)}}`, {}, 400, 'bad_request'],
        [
          'invalid UTF-8',
          new Uint8Array([0x7b, 0x22, 0x6e, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
          {},
          400,
          'bad_request',
        ],
        [
          'a wrong content type',
          'name=lamp',
          { 'content-type': 'application/x-www-form-urlencoded' },
          415,
          'unsupported_media_type',
        ],
        ['1 MB', `{"name":"${'x'.repeat(1024 * 1024)}"}`, {}, 413, 'too_large'],
        ['just over the limit', `{"name":"${'x'.repeat(BODY_LIMIT)}"}`, {}, 413, 'too_large'],
      ];
      it.each(bad)('refuses %s with a problem document', async (_, body, headers, status, code) => {
        const answer = await post(body, json('operator', headers));
        // The one exception: the Functions Framework answers malformed JSON itself, before our code, without a stack.
        if (cloud === 'gcp' && code === 'bad_request' && answer.headers['content-type']?.startsWith('text/html')) {
          expect([answer.status, /\bat .*\.js/.test(answer.text)]).toEqual([400, false]);
          return;
        }
        expect([answer.status, problem(answer)]).toEqual([status, code]);
      });

      it('refuses callers without a key, with a malformed, unknown or too weak one', async () => {
        const body = '{"name":"lamp"}';
        const none = await post(body, { 'content-type': 'application/json' });
        expect([none.status, problem(none), none.headers['www-authenticate']]).toEqual([
          401,
          'unauthenticated',
          'Bearer realm="trifold"',
        ]);
        for (const authorization of [
          'Bearer nonsense',
          'Basic abc',
          `Bearer tf_main_${'A'.repeat(43)}`,
          `${keys.operator}`,
        ])
          expect(problem(await post(body, { authorization, 'content-type': 'application/json' }))).toBe(
            'unauthenticated',
          );
        const weak = await post(body, json('viewer'));
        expect([weak.status, problem(weak)]).toEqual([403, 'forbidden']);
      });

      it('keeps workspaces apart', async () => {
        const { id } = JSON.parse((await post('{"name":"ours"}')).text) as { id: string };
        const other = await bench.key('admin', 'other');
        const answer = await driver.request({
          method: 'GET',
          path: `/probe/things/${id}`,
          headers: { authorization: `Bearer ${other}` },
        });
        expect(answer.status).toBe(404);
      });

      it('tells unknown routes from unknown methods', async () => {
        const route = await driver.request({ method: 'GET', path: '/probe/nowhere', headers: as('admin') });
        expect([route.status, problem(route)]).toEqual([404, 'not_found']);
        const method = await driver.request({
          method: 'PUT',
          path: '/probe/things',
          headers: json('admin'),
          body: '{}',
        });
        expect([method.status, problem(method), method.headers['allow']]).toEqual([405, 'method_not_allowed', 'POST']);
      });

      it('shows nothing of an unforeseen failure', async () => {
        const answer = await driver.request({ method: 'GET', path: '/probe/fail', headers: as('viewer') });
        expect([answer.status, problem(answer), answer.text.includes('secret detail')]).toEqual([
          500,
          'internal',
          false,
        ]);
      });

      it('answers 504 for a handler that never returns', async () => {
        const answer = await driver.request({ method: 'GET', path: '/probe/hang', headers: as('viewer') });
        expect([answer.status, problem(answer)]).toEqual([504, 'deadline_exceeded']);
      });

      it('goes on with the trace of its caller', async () => {
        const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
        const answer = await driver.request({
          method: 'GET',
          path: '/probe/fail',
          headers: as('viewer', { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }),
        });
        expect((JSON.parse(answer.text) as { traceId: string }).traceId).toBe(traceId);
      });
    });

    describe('Idempotency-Key', () => {
      it('gives the first answer to the same request, and makes one thing', async () => {
        const headers = json('operator', { 'idempotency-key': 'same-again' });
        const [first, second] = [await post('{"name":"once"}', headers), await post('{"name":"once"}', headers)];
        expect([second.status, second.text, second.headers['location']]).toEqual([
          201,
          first.text,
          first.headers['location'],
        ]);
      });

      it('answers 422 for another body, and lets another principal use the same key', async () => {
        const headers = json('operator', { 'idempotency-key': 'other-body' });
        const first = await post('{"name":"one"}', headers);
        const other = await post('{"name":"two"}', headers);
        expect([other.status, problem(other)]).toEqual([422, 'idempotency_key_reused']);
        const theirs = await post('{"name":"two"}', json('admin', { 'idempotency-key': 'other-body' }));
        expect([theirs.status, theirs.text === first.text]).toEqual([201, false]);
      });

      it('answers 409 while the first is under way, then its answer', async () => {
        const gate = Promise.withResolvers<void>();
        gates.set('gate', gate.promise);
        const slow = () =>
          driver.request({
            method: 'POST',
            path: '/probe/slow',
            headers: json('operator', { 'idempotency-key': 'under-way' }),
            body: '{"name":"gate"}',
          });
        const first = slow();
        let second = await slow();
        for (let i = 0; i < 20 && second.status !== 409; i++) second = await slow();
        expect([second.status, problem(second), second.headers['retry-after']]).toEqual([
          409,
          'request_under_way',
          '1',
        ]);
        gate.resolve();
        expect((await first).status).toBe(200);
        expect([(await slow()).status, (await slow()).text]).toEqual([200, '{"done":true}']);
      });

      it('refuses keys that are none', async () => {
        const answer = await post('{"name":"a"}', json('operator', { 'idempotency-key': 'x'.repeat(201) }));
        expect([answer.status, problem(answer)]).toEqual([400, 'bad_request']);
      });
    });

    describe('messages', () => {
      it('takes effect once, however often it is delivered, and sends what the commit says', async () => {
        const message = work('once');
        expect(await driver.deliver('work', [message])).toEqual(['acknowledged']);
        expect(await driver.deliver('work', [message], 2)).toEqual(['acknowledged']);
        expect((await effects('once'))?.effects).toBe(1);
        await expect
          .poll(async () => (await bench.base.queues.depth('probe-next')).ready + (seen.get('next once') ?? 0))
          .toBe(1);
      });

      it('carries workspace and trace of the envelope', async () => {
        const traceId = '0af7651916cd43dd8448eb211c80319c';
        await driver.deliver('work', [
          work('traced', 'ok', { workspace: 'elsewhere', traceparent: `00-${traceId}-b7ad6b7169203331-01` }),
        ]);
        const item = await bench.runtime.store.get('elsewhere/work/traced', 'work');
        expect(item?.value).toMatchObject({ workspace: 'elsewhere', trace: traceId });
      });

      it('asks again for the one of ten that fails, and for no other', async () => {
        const messages = Array.from({ length: 10 }, (_, i) => work(`ten-${i}`, i === 6 ? 'fail' : 'ok'));
        const verdicts = await driver.deliver('work', messages);
        expect(verdicts).toEqual(messages.map((_, i) => (i === 6 ? 'again' : 'acknowledged')));
        const done = await Promise.all(messages.map((_, i) => effects(`ten-${i}`)));
        expect(done.map((one) => one?.effects ?? 0)).toEqual(messages.map((_, i) => (i === 6 ? 0 : 1)));
      });

      it('buries at once what no delivery can mend, with its reason', async () => {
        const hopeless: [string, unknown, string][] = [
          ['permanent', work('hopeless', 'permanent'), 'hopeless'],
          ['unknown type', envelope('trifold.nonsense.v1', {}), 'unknown_type'],
          ['unknown version', envelope('trifold.probe.v9', { key: 'a', mode: 'ok' }), 'unknown_version'],
          ['unfit data', envelope('trifold.probe.v1', { key: 'a' }), 'invalid_message'],
          ['no id', { ...work('a'), id: undefined }, 'malformed_message'],
          ['no workspace', { ...work('a'), workspace: undefined }, 'malformed_message'],
          ['not JSON', 'nonsense', 'malformed_message'],
          ['an array', [1], 'malformed_message'],
        ];
        const before = new Set((await deadLetters('probe')).map(({ id }) => id));
        for (const [what, message] of hopeless)
          expect([what, await driver.deliver('work', [message])]).toEqual([what, ['acknowledged']]);
        const buried = (await deadLetters('probe')).filter(({ id }) => !before.has(id));
        expect(buried.map(({ code }) => code).sort()).toEqual(hopeless.map(([, , code]) => code).sort());
        expect(buried.find(({ code }) => code === 'hopeless')).toMatchObject({
          reason: 'No delivery of hopeless can succeed',
          function: 'probe',
          trigger: 'work',
          kind: 'queue',
        });
      });

      it('buries what fails too often, once', async () => {
        const message = work('stubborn', 'fail');
        const verdicts = [];
        for (let attempt = 1; attempt <= ATTEMPTS; attempt++)
          verdicts.push(...(await driver.deliver('work', [message], attempt)));
        expect(verdicts).toEqual([...Array(ATTEMPTS - 1).fill('again'), 'acknowledged']);
        expect((await deadLetters('probe')).filter(({ messageId }) => messageId === message['id'])).toMatchObject([
          { attempts: ATTEMPTS, code: 'internal' },
        ]);
      });

      it('leaves a handler that never returns, and lets no late commit through', async () => {
        expect(await driver.deliver('work', [work('hangs', 'hang')])).toEqual(['again']);
        expect(await driver.deliver('work', [work('late', 'late')])).toEqual(['again']);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        expect(await bench.runtime.store.get('main/work/late', 'late')).toBeUndefined();
      });
    });

    describe('events', () => {
      it('come from inside with their workspace', async () => {
        expect(await driver.publish('happened', envelope('probe.happened.v1', { key: 'inside' }))).toBe('acknowledged');
        expect(seen.get('happened inside')).toBe(1);
      });

      it('from outside belong to the workspace of the app, whatever they say, in this version and the one before', async () => {
        await driver.publish(
          'outside',
          envelope('probe.outside.v2', { key: 'new' }, { workspace: 'forged', partition: 'forged/thing/1#x' }),
        );
        await driver.publish('outside', envelope('probe.outside.v1', { name: 'old' }));
        await driver.publish('outside', envelope('probe.outside', { name: 'bare' }));
        for (const key of ['new', 'old', 'bare'])
          expect((await bench.runtime.store.get(`main/outside/${key}`, 'outside'))?.value).toEqual({
            workspace: 'main',
          });
        expect(await bench.runtime.store.get('forged/outside/new', 'outside')).toBeUndefined();
      });

      it('without an id are buried', async () => {
        expect(await driver.publish('outside', { ...envelope('probe.outside.v2', { key: 'x' }), id: undefined })).toBe(
          'acknowledged',
        );
        expect((await deadLetters('probe.outside')).map(({ code, kind }) => [code, kind])).toEqual([
          ['malformed_message', 'event'],
        ]);
      });
    });

    it('runs schedules, with the instant where the cloud tells it', async () => {
      const at = Date.UTC(2026, 10, 20, 6, 0, 0);
      await driver.tick('tick', at);
      if (cloud === 'azure') expect(Math.abs((seen.get('tick') ?? 0) - Date.now())).toBeLessThan(60_000);
      else expect(seen.get('tick')).toBe(at);
    });

    it('answers direct calls, and refuses what does not fit', async () => {
      expect(await driver.call('call', { a: 2, b: 3 })).toEqual({ value: { sum: 5 } });
      expect(await driver.call('call', { a: 'two' })).toEqual({ code: 'bad_request' });
    });
  });
}
