import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { functions } from '../../functions/index.ts';
import { type RunningDesk, startDesk } from '../support/desk.ts';
import { readMix, requestOf } from '../support/tickets.ts';

let desk: RunningDesk;
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
beforeAll(async () => {
  desk = await startDesk({ sample: true, env: { TRIFOLD_RATE_PER_MINUTE: '1000000' } });
});
afterEach(async () => {
  expect((await fetch(`${desk.url}/health`)).status).toBe(200);
  expect(desk.process.exitCode).toBeNull();
});
afterAll(async () => {
  agent.destroy();
  await desk?.remove();
});

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

/** Sends as it is, without the niceties of fetch; an answer may come before the body is out. */
function send({ method, path, headers, body }: Sent): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(desk.url);
    // Framed well: what node's parser refuses before our code is the next test's.
    const framed = body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({ agent, hostname, port, method, path, headers: framed }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          type: answer.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const ROUTES = functions
  .flatMap(({ on }) => Object.values(on))
  .flatMap((trigger) => (trigger.kind === 'http' ? Object.keys(trigger.routes) : []))
  .map((name) => ({ method: name.split(' ')[0] ?? '', path: name.split(' ')[1] ?? '' }));
const [mixTicket] = readMix();
const VALID = [
  JSON.stringify(mixTicket && requestOf(mixTicket)),
  '{"title":"A","body":"B","tags":[]}',
  '{"name":"A","tier":"free","status":"active"}',
  '{"role":"viewer"}',
];

/** What may stand in a request line: everything visible, and the percent signs that decoders stumble over. */
const Segment = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.stringMatching(/^[!-~]{0,40}$/).map((text) => text.replace(/[?#]/g, '')),
  fc.constantFrom(
    '%',
    '%zz',
    '%00',
    '%C3',
    '%ED%A0%80',
    '..',
    '%2e%2e%2f',
    '__proto__',
    'constructor',
    'x'.repeat(600),
  ),
);
const Query = fc.oneof(
  fc.constant(''),
  fc.stringMatching(/^[!-~]{0,60}$/).map((text) => `?${text.replace(/#/g, '')}`),
  fc
    .array(fc.tuple(fc.constantFrom('limit', 'cursor', 'state', 'customer', 'queue', '__proto__', 'x'), Segment), {
      maxLength: 3,
    })
    .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`),
);
const withParams = (path: string, segment: string): string => path.replace(/\{\w+\}/g, () => segment || 'x');
const Path = fc.oneof(
  fc.tuple(fc.constantFrom(...ROUTES), Segment).map(([route, segment]) => withParams(route.path, segment)),
  fc.array(Segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
  Segment.map((segment) => `/objects/${segment}`),
);
const Method = fc.constantFrom(
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'PROPFIND',
  'TRACE',
  'QUERY',
);
/** Mostly what the desk has, with odd parameters; else any method on any path. */
const Target = fc
  .tuple(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .tuple(fc.constantFrom(...ROUTES), Segment)
          .map(([{ method, path }, segment]) => ({ method, path: withParams(path, segment) })),
      },
      { weight: 1, arbitrary: fc.record({ method: Method, path: Path }) },
    ),
    fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: Query }),
  )
  .map(([{ method, path }, query]) => ({ method, path: path + query }));
const Visible = fc.stringMatching(/^[ -~]{0,80}$/);
const mostly = <T>(usual: T, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });
const Headers = fc.record(
  {
    authorization: mostly('the admin key', Visible),
    'content-type': mostly(
      'application/json',
      fc.oneof(
        Visible,
        fc.constantFrom('application/x+json; charset=utf-8', 'text/plain', 'application/json;charset=utf-16'),
      ),
    ),
    host: mostly('desk', fc.stringMatching(/^[!-~]{0,40}$/)),
    'idempotency-key': fc.oneof(fc.stringMatching(/^[!-~]{1,200}$/), Visible, fc.constant('x'.repeat(201))),
    traceparent: Visible,
    'x-forwarded-for': Visible,
    accept: Visible,
    'content-encoding': fc.constantFrom('gzip', 'identity', 'br'),
    expect: fc.constant('100-continue'),
  },
  { requiredKeys: ['authorization', 'content-type', 'host'] },
);
/** JSON that nearly fits, JSON that does not, and bytes that are no JSON. */
const Body = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(...VALID),
  fc.tuple(fc.constantFrom(...VALID), fc.nat(), fc.string({ maxLength: 3 })).map(([valid, at, other]) => {
    const place = at % valid.length;
    return valid.slice(0, place) + other + valid.slice(place + 1);
  }),
  fc
    .tuple(
      fc.constantFrom(...VALID),
      fc.constantFrom('__proto__', 'constructor', 'description', 'id', 'v'),
      fc.jsonValue(),
    )
    .map(([valid, name, value]) => JSON.stringify({ ...JSON.parse(valid), [name]: value })),
  fc.json(),
  fc.uint8Array({ maxLength: 200 }),
  fc.integer({ min: 60, max: 3000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.constant(`{"title":"A","body":"${'x'.repeat(300_000)}"}`),
);

const STACK = /\bat .*\.(ts|js|mjs):\d|node_modules|node:internal|\bError:/;

it('whatever is sent, the desk never fails, and refuses in problem documents without a stack', async () => {
  await fc.assert(
    fc.asyncProperty(Target, Headers, Body, async ({ method, path }, headers, body) => {
      const { authorization, ...rest } = headers;
      // The key itself is no part of a counterexample.
      const key = authorization === 'the admin key' ? `Bearer ${desk.key}` : authorization;
      const answer = await send({ method, path, headers: { ...rest, authorization: key }, body });
      expect(answer.status).toBeLessThan(500);
      expect(answer.text).not.toContain(desk.key);
      if (answer.status < 400) return;
      expect(answer.text).not.toMatch(STACK);
      expect(answer.type).toBe('application/problem+json');
      if (method === 'HEAD') return;
      expect(JSON.parse(answer.text)).toMatchObject({
        type: expect.stringMatching(/^urn:trifold:problem:\w+$/),
        title: expect.any(String),
        status: answer.status,
        detail: expect.any(String),
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
    }),
    { numRuns: 1_500 },
  );
}, 60_000);

it('bytes that are no HTTP, and requests that end in the middle, leave the desk as it was', async () => {
  const lines = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(
        fc.constantFrom('GET', 'POST', 'get', 'CONNECT', 'PRI'),
        Segment,
        fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', ''),
      )
      .chain(([method, path, version]) =>
        fc
          .array(
            fc.constantFrom(
              'host: x',
              'content-length: 10',
              'content-length: -1',
              'transfer-encoding: chunked',
              ': x',
              'a\u0000: b',
              'upgrade: websocket',
              'connection: upgrade',
            ),
          )
          .map((headers) => Buffer.from(`${method} /${path} ${version}\r\n${headers.join('\r\n')}\r\n\r\n5\r\n{"a"`)),
      ),
  );
  await fc.assert(
    fc.asyncProperty(lines, async (bytes) => {
      const { port, hostname } = new URL(desk.url);
      const text = await new Promise<string>((resolve) => {
        const chunks: Buffer[] = [];
        const socket = connect(Number(port), hostname, () => socket.end(bytes));
        socket.on('data', (chunk) => chunks.push(chunk));
        socket.on('error', () => {});
        socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
        // A request that waits for more of its body is given up by its sender.
        socket.setTimeout(150, () => socket.destroy());
      });
      expect(text).not.toMatch(STACK);
      expect(text).not.toMatch(/^HTTP\/1\.\d 5/);
    }),
    { numRuns: 200 },
  );
}, 60_000);
