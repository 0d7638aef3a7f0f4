import { createHash } from 'node:crypto';
import type { Emitted, Outgoing } from '../context.ts';
import { newId, timeKey } from '../domain/ids.ts';
import { type Envelope, queueType, versionedType } from '../envelope.ts';
import type { Json, Write } from '../ports/store.ts';
import type { Runtime } from '../runtime.ts';
import { type Trace, toTraceparent } from '../trace.ts';
import { put } from './writes.ts';

/** How long the sweeper leaves a message to the instance that wrote it, milliseconds. */
export const GRACE_MS = 30_000;
export const SHARDS = 64;

/** An outbox row: what has to leave this partition, at once or when due. */
export interface OutboxRow {
  readonly v: 1;
  readonly kind: 'send' | 'emit';
  /** Queue, or CloudEvents type. */
  readonly to: string;
  readonly subject: string;
  readonly id: string;
  readonly body: string;
  /** Waits for its time; everything else leaves at once. */
  readonly timer?: true;
}

export const outboxKey = (id: string): string => `outbox/${id}`;
export const shardHash = (shard: number): string => `due#${shard}`;

/** Index entry under which the sweeper finds a row; spread by id, so that no shard is hot. */
function dueEntry(id: string, at: number) {
  const shard = (createHash('md5').update(id).digest()[0] ?? 0) % SHARDS;
  return { hash: shardHash(shard), sort: `${timeKey(at)}/${id}` };
}

interface Origin {
  readonly workspace: string;
  /** Whole name, workspace in front. */
  readonly partition: string;
  /** Function that sends. */
  readonly source: string;
  readonly trace: Trace;
  readonly now: number;
}

interface Prepared {
  readonly row: OutboxRow;
  readonly write: Write;
  /** False for timers: the sweeper sends those. */
  readonly leavesNow: boolean;
}

export function prepareSend(out: Outgoing<string>, origin: Origin): Prepared {
  return prepare('send', out.to, queueType(out.to), out.subject ?? '', out.data, origin, out.at, out.name);
}

export function prepareEmit(event: Emitted<string>, origin: Origin): Prepared {
  const type = versionedType(event.type, 1);
  return prepare('emit', type, event.type, event.subject, event.data, origin);
}

function prepare(
  kind: OutboxRow['kind'],
  to: string,
  name: string,
  subject: string,
  data: Json,
  origin: Origin,
  at?: number,
  timer?: string,
): Prepared {
  const id = newId('msg', origin.now);
  const leavesNow = at === undefined || at <= origin.now;
  const key = leavesNow ? id : (timer ?? id);
  const envelope: Envelope = {
    specversion: '1.0',
    id,
    source: `trifold/${origin.source}`,
    type: versionedType(name, 1),
    subject: subject || undefined,
    time: new Date(origin.now).toISOString(),
    datacontenttype: 'application/json',
    workspace: origin.workspace,
    // The consumer of a message removes its row; rows of timers go when the sweeper has sent them.
    partition: kind === 'send' && leavesNow ? `${origin.partition}#${id}` : undefined,
    traceparent: toTraceparent(origin.trace),
    data,
  };
  const body = JSON.stringify(envelope);
  const row: OutboxRow = { v: 1, kind, to, subject, id, body, ...(leavesNow ? {} : { timer: true }) };
  const due = leavesNow ? origin.now + GRACE_MS : at;
  const write = put(outboxKey(key), { ...row }, key === id ? 'absent' : 'any', { indexes: { due: dueEntry(id, due) } });
  return { row, write, leavesNow };
}

/** Partition and row key that a message left, as its envelope tells; `undefined` for what came from outside. */
export function outboxOf(envelope: Envelope): { partition: string; key: string } | undefined {
  const at = envelope.partition?.lastIndexOf('#') ?? -1;
  if (!envelope.partition || at < 1) return undefined;
  return { partition: envelope.partition.slice(0, at), key: outboxKey(envelope.partition.slice(at + 1)) };
}

/** Hands rows to the queues and the bus. Throws when any could not be sent; sending again is safe. */
export async function publish(runtime: Pick<Runtime, 'queue' | 'bus'>, rows: readonly OutboxRow[]): Promise<void> {
  const byQueue = Map.groupBy(
    rows.filter((row) => row.kind === 'send'),
    (row) => row.to,
  );
  const events = rows.filter((row) => row.kind === 'emit');
  await Promise.all([
    ...[...byQueue].map(([queue, messages]) => runtime.queue.send(queue, messages)),
    ...(events.length > 0
      ? [runtime.bus.publish(events.map(({ id, to, subject, body }) => ({ id, type: to, subject, body })))]
      : []),
  ]);
}
