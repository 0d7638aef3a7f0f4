import type { Faults } from '../contracts/support.ts';
import { type Answer, type FaultyProxy, type SeenRequest, startFaultyProxy } from './faulty-proxy.ts';

/** A refusal as Google's APIs write it: https://google.aip.dev/193 */
export const toRefusal = (code: number, status: string, headers: Answer['headers'] = {}): Answer => ({
  status: code,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ error: { code, status, message: `${status}, says the peer` } }),
});

/** A proxy before a Google API whose operations go by the custom verb: `commit`, `batchGet`, `publish`, `access`. */
export const startGoogleProxy = (upstream: string): Promise<FaultyProxy> =>
  startFaultyProxy(upstream, { operationOf: toOperation });

function toOperation({ method, path }: Omit<SeenRequest, 'operation'>): string {
  const bare = path.split('?', 1)[0] ?? path;
  const verb = /:([A-Za-z]+)$/.exec(bare)?.[1];
  return verb ?? `${method} ${bare}`;
}

/** The contract suites' faults for a Google API behind a proxy. */
export function googleFaults(proxy: FaultyProxy): Required<Faults> {
  let throttled = () => 0;
  const times = (count: number | undefined) => (count === undefined ? {} : { times: count });
  return {
    refuse: () => proxy.refuse(),
    resetMidAnswer: (count) => void proxy.inject({ kind: 'cut', ...times(count) }),
    timeoutAfterEffect: (count) => void proxy.inject({ kind: 'drop', ...times(count) }),
    throttle(count, retryAfterSeconds) {
      const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      const before = throttled;
      const happened = proxy.inject({ kind: 'answer', times: count, ...toRefusal(429, 'RESOURCE_EXHAUSTED', headers) });
      throttled = () => before() + happened();
    },
    throttled: () => throttled(),
    expireCredentials: () => void proxy.inject({ kind: 'answer', ...toRefusal(401, 'UNAUTHENTICATED') }),
    async heal() {
      throttled = () => 0;
      proxy.forget();
      await proxy.heal();
    },
  };
}
