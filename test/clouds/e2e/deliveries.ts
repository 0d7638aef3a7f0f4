import type { Delivery } from '../../conformance/driver.ts';

/** What an event source brought to a function, as its message's envelope tells, and what became of it. */
interface Brought {
  readonly queue: string;
  readonly id: string | undefined;
  readonly subject: string | undefined;
  readonly verdict: Delivery;
}

export interface Deliveries {
  add(queue: string, body: unknown, verdict: Delivery): void;
  /** What became of the messages of a queue with this id or subject, in order of their deliveries. */
  of(queue: string, idOrSubject: string): Delivery[];
}

export function createDeliveries(): Deliveries {
  const all: Brought[] = [];
  return {
    add(queue, body, verdict) {
      const { id, subject } = toEnvelope(body);
      all.push({ queue, id, subject, verdict });
    },
    of: (queue, idOrSubject) =>
      all
        .filter((one) => one.queue === queue && (one.id === idOrSubject || one.subject === idOrSubject))
        .map(({ verdict }) => verdict),
  };
}

/** Nothing for what is no JSON: some messages are broken on purpose. */
function toEnvelope(body: unknown): { id?: string; subject?: string } {
  try {
    return Object(typeof body === 'string' ? JSON.parse(body) : body);
  } catch {
    return {};
  }
}
