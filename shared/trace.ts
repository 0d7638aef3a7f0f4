import { randomBytes } from 'node:crypto';

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

// One call to the system's generator serves many ids: it costs more than the bytes.
let pool = randomBytes(1024);
let used = 0;
function hex(bytes: number): string {
  if (used + bytes > pool.length) {
    pool = randomBytes(1024);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** A span of our own in the caller's trace, or of a new trace. */
export function startSpan(parent: Trace | undefined): Trace {
  return { traceId: parent?.traceId ?? hex(16), spanId: hex(8), sampled: parent?.sampled ?? true };
}
