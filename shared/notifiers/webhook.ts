import { createHmac } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import type { Delivery, Notifier } from '../ports/notifier.ts';

const TIMEOUT_MS = 10_000;

export interface WebhookSettings {
  readonly url: string;
  /** Signs each body: `x-trifold-signature: t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">`. */
  readonly secret?: string;
}

/**
 * Posts notifications as JSON with an `Idempotency-Key`. An answer of 4xx or a refused connection is `failed`; a broken
 * connection, a time-out and 5xx are `unknown`, because the other side may have acted.
 */
export const openWebhookNotifier = (settings: WebhookSettings, clock: Clock): Notifier => ({
  async notify(notification): Promise<Delivery> {
    const channel = 'webhook';
    const body = JSON.stringify(notification);
    const headers: Record<string, string> = { 'content-type': 'application/json', 'idempotency-key': notification.key };
    if (settings.secret) headers['x-trifold-signature'] = sign(body, settings.secret, clock.now());
    try {
      const answer = await fetch(settings.url, {
        method: 'POST',
        body,
        headers,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await answer.body?.cancel();
      if (answer.ok) return { outcome: 'sent', channel };
      return { outcome: answer.status < 500 ? 'failed' : 'unknown', channel, reason: `HTTP ${answer.status}` };
    } catch (error) {
      const refused = codeOf(error) === 'ECONNREFUSED' || codeOf(error) === 'ENOTFOUND';
      return { outcome: refused ? 'failed' : 'unknown', channel, reason: refused ? 'no connection' : 'no answer' };
    }
  },
});

function sign(body: string, secret: string, now: number): string {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

const codeOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
};
