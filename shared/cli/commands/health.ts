import { parse } from '../arguments.ts';
import { CLIENT_OPTIONS, openClient } from '../client.ts';
import type { Command } from '../command.ts';

const usage = '[--url URL] [--json]';

export const command: Command = {
  about: 'Whether the desk and its store answer',
  usage,
  async run(args) {
    const { values } = parse(args, CLIENT_OPTIONS, `health ${usage}`);
    const client = openClient(values);
    const answers = { health: await client.get('/health'), ready: await client.get('/ready') };
    console.log(values.json ? JSON.stringify(answers) : 'The desk answers, and so does its store.');
  },
};
