/** Tells people: an escalation, an alert. Never carries more personal data than the ticket's summary. */
export interface Notifier {
  /** `unknown` when it may or may not have arrived: the caller shows that to a human and does not send again. */
  notify(notification: Notification): Promise<Delivery>;
}

export interface Notification {
  /** Channels that take an idempotency key are given this one. */
  readonly key: string;
  readonly kind: 'escalation' | 'alert';
  readonly subject: string;
  readonly text: string;
  /** For programs: what the text says, as data. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Delivery {
  readonly outcome: 'sent' | 'failed' | 'unknown';
  readonly channel: string;
  readonly reason?: string;
}
