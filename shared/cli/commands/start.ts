import { functions } from '../../../functions/index.ts';
import { accessPartition, createKey } from '../../access.ts';
import { openBase } from '../../clouds/local/base.ts';
import { startHost } from '../../clouds/local/host.ts';
import { createRuntime } from '../../compose.ts';
import { openStoredCustomers } from '../../customers/stored.ts';
import { newId } from '../../domain/ids.ts';
import { AppError } from '../../errors.ts';
import type { Deployed } from '../../function.ts';
import { openModel } from '../../models/index.ts';
import { openConfiguredNotifier } from '../../notifiers/configured.ts';
import { inWorkspace } from '../../pipeline/indexes.ts';
import { openSampleEstate } from '../../providers/sample/estate.ts';
import { fillWithSample } from '../../providers/sample/fill.ts';
import type { Runtime } from '../../runtime.ts';
import { addWorkspace } from '../../workspaces.ts';
import { parse, usageError } from '../arguments.ts';
import type { Command } from '../command.ts';

const usage = '[--port 8787] [--host 127.0.0.1] [--data .trifold] [--sample] [--new-key]';

/** Every function with its handlers, from the folders that have their names. */
export async function loadFunctions(): Promise<Deployed[]> {
  return Promise.all(
    functions.map(async (declaration) => {
      const { handlers } = (await import(`../../../functions/${declaration.name}/handlers.ts`)) as {
        handlers: Deployed['handlers'];
      }; // typed where they are written
      return { declaration, handlers };
    }),
  );
}

async function start(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  const env = {
    TRIFOLD_LOG_LEVEL: 'warn',
    TRIFOLD_OWN_CLASSIFIER: 'true',
    ...process.env,
    ...(options.data ? { TRIFOLD_DATA_DIR: options.data } : {}),
  };
  const base = openBase(env, 'desk');
  const openers = {
    customers: openStoredCustomers,
    estate: openSampleEstate,
    model: openModel,
    notifier: openConfiguredNotifier,
  };
  const runtime = createRuntime(base, openers);
  const deployed = await loadFunctions();
  const host = await startHost(runtime, base, deployed, { port: options.port, hostname: options.host }).catch(
    explainPort,
  );
  if (options.sample) await fillWithSample(runtime);
  // Last, because it is shown only once: nothing may fail between making and showing it.
  const key = await adminKey(runtime, options['new-key']);
  console.log(`The desk is at ${host.url}`);
  if (key) console.log(`Admin key, shown this once: ${key}`);
  console.log('The desk is ready; stop it with Ctrl-C');
  stopOnSignal(async () => {
    await host.stop();
    await base.queues.close();
    await base.store.close?.();
  });
}

function optionsOf(args: readonly string[]) {
  const { values } = parse(
    args,
    {
      port: { type: 'string', default: '8787' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string' },
      sample: { type: 'boolean', default: false },
      'new-key': { type: 'boolean', default: false },
    },
    `start ${usage}`,
  );
  const port = Number(values.port);
  if (values.port === '' || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw usageError(`"${values.port}" is no port`);
  return { ...values, port };
}

/**
 * Makes the workspace and its admin key on the first start; afterwards the key's hash is all that there is. Who has lost
 * the key asks for another one (and revokes the old one over the API): whoever can start the desk can read its files.
 */
async function adminKey(runtime: Runtime, another: boolean): Promise<string | undefined> {
  const { workspace } = runtime.settings;
  await addWorkspace(runtime, workspace);
  const { items } = await runtime.store.find('i2', `keys#${workspace}`, { limit: 1 });
  if (items.length > 0 && !another) return undefined;
  const now = runtime.clock.now();
  const { id, key, write } = createKey(workspace, 'admin', now);
  const indexed =
    write.kind === 'put' && write.indexes ? { ...write, indexes: inWorkspace(write.indexes, workspace) } : write;
  await runtime.store.commit(`${workspace}/${accessPartition(id)}`, [indexed], newId('cmt', now));
  return key;
}

/** The one thing that goes wrong daily, in one line. */
function explainPort(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') throw new AppError('port', 'The port is taken; choose another one with --port');
  if (code === 'EACCES') throw new AppError('port', 'The port may not be used; choose one over 1023 with --port');
  throw error;
}

/** The first signal lets what is under way end; the second does not wait. */
function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
}

export const command: Command = {
  about: 'The whole desk on this machine',
  usage,
  run: start,
};
