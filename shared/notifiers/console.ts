import type { Notifier } from '../ports/notifier.ts';
import type { Scope } from '../runtime.ts';

/** Tells whoever reads the logs; ids and reasons, no customer's words. */
export const openConsoleNotifier = ({ log }: Pick<Scope, 'log'>): Notifier => ({
  async notify({ key, kind, data }) {
    log.info(`${kind}: a human is needed`, {
      notification: key,
      ticketId: String(data['ticketId'] ?? ''),
      priority: String(data['priority'] ?? ''),
      reason: String(data['reason'] ?? ''),
    });
    return { outcome: 'sent', channel: 'console' };
  },
});
