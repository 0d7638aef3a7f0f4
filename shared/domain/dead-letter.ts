/** What could not be processed, with its reason; kept until replayed or expired. */
export interface DeadLetter {
  readonly v: 1;
  readonly id: string;
  /** Queue or event type it came by. */
  readonly source: string;
  readonly kind: 'queue' | 'event';
  readonly function: string;
  readonly trigger: string;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly at: number;
  /** The message as it arrived, as far as an item can hold it. */
  readonly body: string;
  /** Present when `body` is only the beginning: such a letter cannot be replayed from here. */
  readonly truncated?: true;
  readonly messageId: string;
  /** CloudEvents type, empty where no envelope could be read. */
  readonly type: string;
  readonly replayedAt?: number;
}
