#!/usr/bin/env node
/** `trifold`: the command line. One module a command, loaded when it is called. */
import { asAppError } from '../errors.ts';
import { usageError } from './arguments.ts';
import type { Command } from './command.ts';

const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  start: () => import('./commands/start.ts'),
  tickets: () => import('./commands/tickets.ts'),
  'dead-letters': () => import('./commands/dead-letters.ts'),
  triage: () => import('./commands/triage.ts'),
  train: () => import('./commands/train.ts'),
  eval: () => import('./commands/eval.ts'),
  health: () => import('./commands/health.ts'),
};

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--version' || name === '-v')
    return console.log((await import('../../package.json', { with: { type: 'json' } })).default.version);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return printCommands();
  const load = COMMANDS[name];
  if (!load) throw usageError(`There is no command ${name}; trifold --help lists them`);
  const { command } = await load();
  if (args.includes('--help') || args.includes('-h'))
    return console.log(`${command.about}\n\nUsage: trifold ${name} ${command.usage}`);
  await command.run(args);
}

async function printCommands(): Promise<void> {
  console.log('Trifold, an operations desk in your own cloud.\n\nUsage: trifold <command> [--help]\n');
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  for (const [name, load] of Object.entries(COMMANDS))
    console.log(`  ${name.padEnd(width)}  ${(await load()).command.about}`);
  console.log(
    '\nCommands that ask a desk take --url and --key, or TRIFOLD_URL and TRIFOLD_API_KEY; --json is for programs.',
  );
}

main(process.argv.slice(2)).catch((thrown: unknown) => {
  const error = asAppError(thrown);
  console.error(`trifold: ${error.message.split('\n')[0]}`);
  process.exitCode = error.code === 'usage' ? 2 : 1;
});
