import { PermanentError } from './errors.ts';
import { sweep } from './pipeline/sweep.ts';
import type { Desk } from './ports/desk.ts';
import type { Runtime } from './runtime.ts';

/** The `desk` port on top of a runtime. */
export function createDesk(runtime: Runtime, metricsText: () => string): Desk {
  return {
    sweep: (signal) => sweep(runtime, signal),
    async resend(letter) {
      if (letter.truncated)
        throw new PermanentError(
          'not_replayable',
          `Of dead letter ${letter.id} only the beginning was kept; send it again at its source`,
        );
      if (letter.kind === 'queue')
        return runtime.queue.send(letter.source, [{ id: letter.messageId, body: letter.body }]);
      await runtime.bus.publish([{ id: letter.messageId, type: letter.type, subject: '', body: letter.body }]);
    },
    async check() {
      await runtime.store.get('app/workspaces', 'ready');
    },
    metricsText,
  };
}
