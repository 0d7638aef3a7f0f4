import rhea, { type Message } from 'rhea';
import type { Entry } from './broker.ts';

/** `sb://host/Queue/$management` is the same place as `queue/$management`. */
export const toName = (address: string | undefined): string =>
  (address ?? '').replace(/^(sb|amqps?):\/\/[^/]+\//i, '').toLowerCase();

/** A lock token in the byte order of .NET's GUIDs, in which it travels as the delivery's tag. */
export function toTag(token: string): Buffer {
  const b = Buffer.from(token.replaceAll('-', ''), 'hex');
  return Buffer.from([
    ...b.subarray(0, 4).reverse(),
    ...b.subarray(4, 6).reverse(),
    ...b.subarray(6, 8).reverse(),
    ...b.subarray(8),
  ]);
}

/** A UUID as rhea hands it over: 16 bytes in the order in which they are written. */
export const fromUuid = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** A message as its receiver gets it. */
export function toDelivered(entry: Entry): Message {
  const annotations = {
    ...entry.message.message_annotations,
    'x-opt-sequence-number': rhea.types.wrap_long(entry.sequence),
    'x-opt-enqueued-time': rhea.types.wrap_timestamp(entry.enqueuedAt),
    ...(entry.lock ? { 'x-opt-locked-until': rhea.types.wrap_timestamp(entry.lock.until) } : {}),
  };
  return { ...entry.message, delivery_count: Math.max(0, entry.deliveries - 1), message_annotations: annotations };
}

/** When a message wants to be seen: its annotation, or at once. */
export function scheduledFor(message: Message): number | undefined {
  const at = message.message_annotations?.['x-opt-scheduled-enqueue-time'];
  return at === undefined ? undefined : Number(at);
}

/** rhea has two types of messages, of which the one that it decodes does not show the body. */
export function decode(bytes: Buffer): Message {
  const message = rhea.message.decode(bytes);
  return { ...message, body: Object(message).body };
}

/** One message, or the several that travel in a batch (format 0x80013700), which arrives undecoded. */
export function fromTransfer(received: Message | Buffer): Message[] {
  if (!Buffer.isBuffer(received)) return [received];
  const { body } = decode(received);
  const parts: Buffer[] = [body.content].flat();
  return parts.map((part) => decode(part));
}
