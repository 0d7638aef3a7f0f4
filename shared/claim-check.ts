import { createHash } from 'node:crypto';
import { PermanentError } from './errors.ts';
import type { Objects } from './ports/objects.ts';
import type { QueueMessage } from './ports/queue.ts';

/** CloudEvents `type` of a pointer to a message whose body lies in the object store. */
export const CLAIM_CHECK_TYPE = 'trifold.claim-check.v1';

/**
 * Where bodies wait. Nobody deletes them after reading, because the same pointer may be delivered again: the bucket's
 * life cycle rule removes this prefix some days after the longest retention of a queue and of its dead letters.
 */
export const CLAIM_CHECK_PREFIX = 'claim-checks/';

/** Longer than any pointer: what exceeds it is not one, and need not be parsed to know that. */
const POINTER_BYTES = 1_024;

interface Pointer {
  readonly key: string;
  readonly sha256: string;
}

/** Whether a body, as text or already parsed, points at one; cheap for all that do not. */
export function isClaimCheck(body: unknown): boolean {
  if (typeof body === 'string') return body.length <= POINTER_BYTES && body.includes(CLAIM_CHECK_TYPE);
  return typeof body === 'object' && body !== null && 'type' in body && body.type === CLAIM_CHECK_TYPE;
}

/**
 * The message as it may travel: itself when its body has at most `limitBytes` (UTF-8), else a pointer to an object that
 * holds the body. Doing it again writes the same object again, which also restarts the clock of its life cycle.
 */
export async function toClaimCheck(
  message: QueueMessage,
  objects: Pick<Objects, 'put'>,
  limitBytes: number,
): Promise<QueueMessage> {
  if (Buffer.byteLength(message.body) <= limitBytes) return message;
  const bytes = Buffer.from(message.body);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const data: Pointer = { key: CLAIM_CHECK_PREFIX + sha256, sha256 };
  await objects.put(data.key, bytes, { contentType: 'application/cloudevents+json' });
  const pointer = { specversion: '1.0', id: message.id, source: '/trifold', type: CLAIM_CHECK_TYPE, data };
  return { id: message.id, body: JSON.stringify(pointer) };
}

/**
 * The body that was sent: `body` itself unless it is a pointer. Throws `PermanentError` when the object is gone, is not
 * what was put, or when the pointer names anything but a waiting body; lets the object store's own errors through.
 */
export async function fromClaimCheck(body: string, objects: Pick<Objects, 'get'>): Promise<string> {
  const pointer = toPointer(body);
  if (!pointer) return body;
  const { key, sha256 } = pointer;
  // Without this, whoever can write to a queue could make a handler read any object of the desk.
  if (!/^[0-9a-f]{64}$/.test(sha256) || key !== CLAIM_CHECK_PREFIX + sha256)
    throw new PermanentError('claim_check_invalid', 'A queue message points at something that is no message body');
  const object = await objects.get(key);
  if (!object)
    throw new PermanentError('claim_check_missing', `The body of a queue message is gone: there is no object ${key}`);
  const hash = createHash('sha256');
  const chunks: Uint8Array[] = [];
  for await (const chunk of object.body) {
    hash.update(chunk);
    chunks.push(chunk);
  }
  if (hash.digest('hex') !== sha256)
    throw new PermanentError('claim_check_altered', `Object ${key} is not the message body that was put there`);
  return Buffer.concat(chunks).toString('utf8');
}

function toPointer(body: string): Pointer | undefined {
  if (!isClaimCheck(body)) return undefined;
  const envelope = toObject(parse(body));
  if (envelope?.['type'] !== CLAIM_CHECK_TYPE) return undefined;
  const data = toObject(envelope['data']);
  return { key: String(data?.['key']), sha256: String(data?.['sha256']) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Whoever reads the message refuses it with a better reason.
  }
}

function toObject(value: unknown): Record<string, unknown> | undefined {
  // The cast says no more than `typeof` has shown: some object, whose members are unknown.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
