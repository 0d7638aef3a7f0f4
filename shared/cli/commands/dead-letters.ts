import type { DeadLetter } from '../../domain/dead-letter.ts';
import { parse, usageError } from '../arguments.ts';
import { CLIENT_OPTIONS, openClient } from '../client.ts';
import type { Command } from '../command.ts';
import { timeOf, toTable } from '../table.ts';

const usage = '[list [--queue Q] | replay ID] [--url URL] [--key KEY] [--json]';

export const command: Command = {
  about: 'List what could not be processed, send it once more',
  usage,
  async run(args) {
    const { values, positionals } = parse(
      args,
      { ...CLIENT_OPTIONS, queue: { type: 'string' } } as const,
      `dead-letters ${usage}`,
    );
    const [what = 'list', id] = positionals;
    const client = openClient(values);
    if (what === 'list') {
      const page = (await client.get(
        `/api/dead-letters${values.queue ? `?queue=${encodeURIComponent(values.queue)}` : ''}`,
      )) as { items: DeadLetter[] }; // the API's own schema
      const rows = page.items.map(
        (one) =>
          [one.id, one.source, one.attempts, timeOf(one.at), one.replayedAt ? 'replayed' : '', one.reason] as const,
      );
      console.log(
        values.json ? JSON.stringify(page) : toTable(['id', 'queue', 'attempts', 'at (UTC)', '', 'reason'], rows),
      );
    } else if (what === 'replay' && id) {
      const letter = await client.post(`/api/dead-letters/${encodeURIComponent(id)}/replay`);
      console.log(values.json ? JSON.stringify(letter) : `Sent ${id} once more`);
    } else throw usageError(`Usage: trifold dead-letters ${usage}`);
  },
};
