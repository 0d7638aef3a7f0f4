import type { Notifier } from '../ports/notifier.ts';
import type { PortOpener } from '../runtime.ts';
import { openConsoleNotifier } from './console.ts';
import { openWebhookNotifier } from './webhook.ts';

/** The log always; the webhook as well where one is configured, and then its outcome counts. */
export const openConfiguredNotifier: PortOpener<Notifier> = ({ settings, clock }) => {
  const { webhookUrl, webhookSecret } = settings;
  const webhook = webhookUrl
    ? openWebhookNotifier({ url: webhookUrl, ...(webhookSecret ? { secret: webhookSecret } : {}) }, clock)
    : undefined;
  return (scope) => {
    const console = openConsoleNotifier(scope);
    return {
      async notify(notification) {
        const delivery = await console.notify(notification);
        return webhook ? webhook.notify(notification) : delivery;
      },
    };
  };
};
