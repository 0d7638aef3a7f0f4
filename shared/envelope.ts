import { PermanentError } from './errors.ts';

/**
 * CloudEvents 1.0 in structured JSON (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md),
 * with our extensions `workspace`, `partition` (whose outbox it left) and the standard one `traceparent`.
 */
export interface Envelope {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  /** Ends in the version of the data's schema: `ticket.closed.v1`. */
  readonly type: string;
  readonly subject?: string | undefined;
  /** RFC 3339. */
  readonly time?: string | undefined;
  readonly datacontenttype?: string | undefined;
  readonly workspace?: string | undefined;
  readonly partition?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly data: unknown;
}

const VERSIONED = /^(.+)\.v([1-9]\d{0,3})$/;

export const versionedType = (name: string, version: number): string => `${name}.v${version}`;
/** Type of the messages of a queue. */
export const queueType = (queue: string): string => `trifold.${queue}`;

/** Splits `ticket.closed.v2`; a type without version is version 1, as outside senders write it. */
export function parseType(type: string): { name: string; version: number } {
  const [, name, version] = VERSIONED.exec(type) ?? [];
  return name && version ? { name, version: Number(version) } : { name: type, version: 1 };
}

interface Versioned {
  readonly type: string;
  readonly version?: number;
  readonly upgrade?: unknown;
}

/** Types under which an event may arrive: its version, the one before where that can be upgraded, and none at all for 1. */
export function acceptedTypes({ type, version = 1, upgrade }: Versioned): string[] {
  const versions = upgrade ? [version, version - 1] : [version];
  return [
    ...versions.filter((one) => one > 0).map((one) => versionedType(type, one)),
    ...(versions.includes(1) ? [type] : []),
  ];
}

/** Reads an envelope from text or an already parsed value. Throws `PermanentError`: another try cannot mend it. */
export function toEnvelope(body: unknown): Envelope {
  const value = typeof body === 'string' ? parseJson(body) : body;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('it is no JSON object');
  // The checks below are what make it one; a schema library would cost a multiple on the hottest path.
  const e = value as { [K in keyof Envelope]?: unknown };
  if (e.specversion !== '1.0') throw malformed('specversion must be "1.0"');
  for (const name of ['id', 'source', 'type'] as const)
    if (typeof e[name] !== 'string' || e[name] === '' || e[name].length > 300)
      throw malformed(`${name} must be a text of 1 to 300 characters`);
  for (const name of ['subject', 'time', 'datacontenttype', 'workspace', 'partition', 'traceparent'] as const)
    if (e[name] !== undefined && typeof e[name] !== 'string') throw malformed(`${name} must be a text`);
  if (e.datacontenttype !== undefined && !/^application\/([\w.-]+\+)?json\b/i.test(String(e.datacontenttype)))
    throw malformed('datacontenttype must be JSON');
  return e as Envelope;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PermanentError('malformed_message', 'The message is not JSON', { cause });
  }
}

const malformed = (why: string) =>
  new PermanentError('malformed_message', `The message is no CloudEvents 1.0 envelope: ${why}`);
