import type { Finding } from '../../shared/domain/finding.ts';
import type { Message, Ticket } from '../../shared/domain/ticket.ts';
import type { RunningDesk } from './desk.ts';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** What the API shows of a ticket. */
export type Followed = Omit<Ticket, 'v'> & { readonly messages: Message[]; readonly findings: Finding[] };
export type Listed = { items: Pick<Ticket, 'id' | 'state' | 'customerId' | 'channel' | 'priority'>[]; cursor?: string };
export interface Problem {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly traceId: string;
}

/** Asks a desk over HTTP as the holder of a key. `T` is what the test expects of the body, and asserts. */
export async function call<T = unknown>(
  desk: Pick<RunningDesk, 'url' | 'key'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> {
  const answer = await fetch(`${desk.url}${path}`, {
    method,
    headers: {
      ...(desk.key ? { authorization: `Bearer ${desk.key}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, body: (isJson ? JSON.parse(text) : text) as T };
}

/** The code of a problem document, or the status of an answer that is none. */
export const codeOf = (answer: Answer<unknown>): string =>
  answer.headers.get('content-type') === 'application/problem+json'
    ? (answer.body as Problem).type.replace('urn:trifold:problem:', '')
    : String(answer.status);
