import { randomHex } from './random.ts';

/** W3C trace context (https://www.w3.org/TR/trace-context/): what travels through every envelope. */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const ZERO = /^0+$/;

/** The caller's trace, or `undefined` when the header is absent or malformed (it is then ignored, as the standard says). */
export function fromTraceparent(header: string | undefined | null): Trace | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(header ?? '') ?? [];
  if (!traceId || !spanId || !flags || ZERO.test(traceId) || ZERO.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export const toTraceparent = (trace: Trace): string =>
  `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;

/** A span of our own in the caller's trace, or of a new trace. */
export function startSpan(parent: Trace | undefined): Trace {
  return { traceId: parent?.traceId ?? randomHex(16), spanId: randomHex(8), sampled: parent?.sampled ?? true };
}
