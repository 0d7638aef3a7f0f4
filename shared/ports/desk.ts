import type { DeadLetter } from '../domain/dead-letter.ts';

/** The desk looking after itself: what the `operations` function may do beyond its workspace's data. */
export interface Desk {
  /** Sends due timers and what a crash left in an outbox, of all workspaces; returns how many messages left. */
  sweep(signal: AbortSignal): Promise<number>;
  /** Sends a dead letter's message once more. Events reach every subscriber; those that were done drop it. */
  resend(letter: DeadLetter): Promise<void>;
  /** Throws when the store does not answer. */
  check(): Promise<void>;
  /** Prometheus text of this instance's metrics; empty where they are pushed elsewhere. */
  metricsText(): string;
}
