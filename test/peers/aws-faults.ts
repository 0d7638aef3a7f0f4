import type { QueueFaults } from '../contracts/queue.ts';
import type { Answer, FaultyProxy, SeenRequest } from './faulty-proxy.ts';

/** Refusals as the services' JSON protocols write them: the name in `__type`, the status 400. */
export const toRefusal = (name: string, headers: Answer['headers'] = {}): Answer => ({
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0', ...headers },
  body: JSON.stringify({ __type: name, message: `${name}, says the peer` }),
});

/** As S3 writes them. */
export const toXmlRefusal = (status: number, code: string, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/xml', ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>says the peer</Message></Error>`,
});

/** The contract suites' faults for a service behind a proxy; S3 alone speaks XML. */
export function awsFaults(proxy: FaultyProxy, protocol: 'json' | 'xml' = 'json'): Required<QueueFaults> {
  const refusals =
    protocol === 'json'
      ? { throttled: toRefusal('ThrottlingException'), expired: toRefusal('ExpiredTokenException') }
      : { throttled: toXmlRefusal(503, 'SlowDown'), expired: toXmlRefusal(400, 'ExpiredToken') };
  let throttled = () => 0;
  const times = (count: number | undefined) => (count === undefined ? {} : { times: count });
  return {
    refuse: () => proxy.refuse(),
    resetMidAnswer: (count) => void proxy.inject({ kind: 'cut', ...times(count) }),
    timeoutAfterEffect: (count) => void proxy.inject({ kind: 'drop', ...times(count) }),
    throttle(count, retryAfterSeconds) {
      const wait = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      const before = throttled();
      const headers = { ...refusals.throttled.headers, ...wait };
      const happened = proxy.inject({ kind: 'answer', times: count, ...refusals.throttled, headers });
      throttled = () => before + happened();
    },
    throttled: () => throttled(),
    expireCredentials: () => void proxy.inject({ kind: 'answer', ...refusals.expired }),
    failEntries: (count) => failEntries(proxy, count),
    entries: () => proxy.requests.reduce((sum, { body }) => sum + toEntries(body).length, 0),
    async heal() {
      throttled = () => 0;
      proxy.forget();
      await proxy.heal();
    },
  };
}

/** Keeps the first entries of each batch from the service, and answers that it did not take them, until `count` are over. */
function failEntries(proxy: FaultyProxy, count: number): void {
  let left = count;
  proxy.inject({
    kind: 'intercept',
    async handle(request, forward) {
      const entries = toEntries(request.body);
      const refused = entries.slice(0, left);
      left -= refused.length;
      const taken = entries.slice(refused.length);
      const body = Buffer.from(JSON.stringify({ ...JSON.parse(request.body.toString()), Entries: taken }));
      const answer = taken.length > 0 ? await forward({ ...request, body }) : { status: 200, body: '{}' };
      const answered = JSON.parse(String(answer.body));
      const partly = request.operation === 'PutEvents' ? toPutEvents : toSendMessageBatch;
      return { ...answer, body: JSON.stringify(partly(refused, answered)) };
    },
  });
}

interface Entry {
  readonly Id?: string;
}

const toEntries = (body: SeenRequest['body']): readonly Entry[] => JSON.parse(body.toString() || '{}').Entries ?? [];

/** EventBridge answers in the order of the entries. */
const toPutEvents = (refused: readonly Entry[], answered: { Entries?: object[] }) => ({
  FailedEntryCount: refused.length,
  Entries: [
    ...refused.map(() => ({ ErrorCode: 'ThrottlingException', ErrorMessage: 'says the peer' })),
    ...(answered.Entries ?? []),
  ],
});

/** SQS names the entries of either list. */
const toSendMessageBatch = (refused: readonly Entry[], answered: { Failed?: object[] }) => ({
  ...answered,
  Failed: [
    ...(answered.Failed ?? []),
    ...refused.map(({ Id }) => ({ Id, Code: 'InternalError', Message: 'says the peer', SenderFault: false })),
  ],
});

/** moto 5.2 breaks (500) when the versions of a secret that is not there are listed; AWS says that it is not there. */
export function mendVersions(proxy: FaultyProxy): void {
  proxy.inject({
    kind: 'intercept',
    on: 'ListSecretVersionIds',
    async handle(request, forward) {
      const answer = await forward(request);
      return answer.status === 500 ? toRefusal('ResourceNotFoundException') : answer;
    },
  });
}

/** Refuses what is signed for another time than `aheadMs` from now, as services do, telling the time in `Date`. */
export function skewClock(proxy: FaultyProxy, aheadMs: number): () => number {
  let refused = 0;
  proxy.inject({
    kind: 'intercept',
    async handle(request, forward) {
      const now = Date.now() + aheadMs;
      const signed = String(request.headers['x-amz-date']).replace(
        /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
        '$1-$2-$3T$4:$5:$6Z',
      );
      const answer = await forward(request);
      const headers = { ...answer.headers, date: new Date(now).toUTCString() };
      if (Math.abs(Date.parse(signed) - now) < 300_000) return { ...answer, headers };
      refused++;
      return toRefusal('InvalidSignatureException', { date: new Date(now).toUTCString() });
    },
  });
  return () => refused;
}

/** moto 5.2 does not know the parameter of a link that names the file; S3 answers with it as a header. */
export function mendDisposition(proxy: FaultyProxy): void {
  proxy.inject({
    kind: 'intercept',
    on: ({ path }) => path.includes('response-content-disposition='),
    async handle(request, forward) {
      const answer = await forward(request);
      const named = new URL(request.path, proxy.url).searchParams.get('response-content-disposition') ?? '';
      return { ...answer, headers: { ...answer.headers, 'content-disposition': named } };
    },
  });
}
