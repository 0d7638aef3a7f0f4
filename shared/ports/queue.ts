/** A message on its way: a CloudEvents 1.0 envelope in structured JSON (see `shared/envelope.ts`). */
export interface QueueMessage {
  /** The envelope's id: consumers drop a second message with the same one. */
  readonly id: string;
  /** The envelope as JSON text. */
  readonly body: string;
}

/**
 * Sending only; what clouds do differently (delays, priorities, dedupe, dead letters) is built on the store.
 * Receiving belongs to each cloud's host.
 */
export interface Queue {
  /**
   * Sends all, in as few calls as the cloud's batch limit allows; bodies over the cloud's size limit travel as objects.
   * Resolves when the cloud has every message. When only some were accepted the failed ones are retried; throws
   * `UnavailableError` when that does not help: then any of them may have been sent, and sending again is safe.
   */
  send(queue: string, messages: readonly QueueMessage[]): Promise<void>;
  close?(): Promise<void>;
}
