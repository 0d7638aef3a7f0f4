import { parse, usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { toTable } from '../table.ts';

const usage = 'TEXT [--json]';

export const command: Command = {
  about: 'What the offline model makes of a text, without a desk',
  usage,
  async run(args) {
    const { values, positionals } = parse(
      args,
      { json: { type: 'boolean', default: false } } as const,
      `triage ${usage}`,
    );
    const text = positionals.join(' ');
    if (text.trim() === '') throw usageError(`Usage: trifold triage ${usage}`);
    const { answerOffline } = await import('../../models/offline/answers.ts');
    const triage = answerOffline('triage', { text });
    if (values.json) return console.log(JSON.stringify(triage));
    console.log(
      toTable(
        ['intent', 'confidence'],
        triage.intents.map(({ intent, confidence }) => [intent, confidence.toFixed(2)]),
      ),
    );
    console.log(
      `\npriority ${triage.priority} (${triage.priorityReason}), ${triage.sentiment}, escalation risk ${triage.escalationRisk.toFixed(2)}`,
    );
  },
};
