/** An event on its way: a CloudEvents 1.0 envelope in structured JSON. */
export interface BusEvent {
  readonly id: string;
  /** CloudEvents `type`, with the schema version as its last part: `ticket.closed.v1`. Rules match on it. */
  readonly type: string;
  readonly subject: string;
  /** The envelope as JSON text. */
  readonly body: string;
}

/** Publish and forget: each subscribing trigger gets its own copy, at least once. */
export interface Bus {
  /** Publishes all; failed entries alone are retried. Throws `UnavailableError`; publishing again is safe. */
  publish(events: readonly BusEvent[]): Promise<void>;
  close?(): Promise<void>;
}
