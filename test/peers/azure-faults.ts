import type { Faults } from '../contracts/support.ts';
import type { Answer, FaultyProxy } from './faulty-proxy.ts';

/** How one service says no: `retryAfter` makes its header from seconds. */
export interface Refusals {
  readonly throttled: number;
  retryAfter(seconds: number): NonNullable<Answer['headers']>;
}

/** Most services speak of seconds; Cosmos DB of milliseconds. */
export const IN_SECONDS: Refusals = { throttled: 429, retryAfter: (seconds) => ({ 'retry-after': String(seconds) }) };
export const IN_MILLISECONDS: Refusals = {
  throttled: 429,
  retryAfter: (seconds) => ({ 'x-ms-retry-after-ms': String(seconds * 1_000) }),
};

/** The contract suites' faults for Azure's REST services behind a proxy. */
export function azureFaults(proxy: FaultyProxy, refusals: Refusals): Required<Faults> {
  let throttled = () => 0;
  const times = (count: number | undefined) => (count === undefined ? {} : { times: count });
  const json = { 'content-type': 'application/json' };
  return {
    refuse: () => proxy.refuse(),
    resetMidAnswer: (count) => void proxy.inject({ kind: 'cut', ...times(count) }),
    timeoutAfterEffect: (count) => void proxy.inject({ kind: 'drop', ...times(count) }),
    throttle(count, retryAfterSeconds) {
      const wish = retryAfterSeconds === undefined ? {} : refusals.retryAfter(retryAfterSeconds);
      const before = throttled();
      const happened = proxy.inject({
        kind: 'answer',
        times: count,
        status: refusals.throttled,
        headers: { ...json, ...wish },
        body: '{"code":"TooManyRequests","message":"says the peer"}',
      });
      throttled = () => before + happened();
    },
    throttled: () => throttled(),
    expireCredentials: () =>
      void proxy.inject({ kind: 'answer', status: 401, headers: json, body: '{"code":"Unauthorized"}' }),
    async heal() {
      throttled = () => 0;
      proxy.forget();
      await proxy.heal();
    },
  };
}
