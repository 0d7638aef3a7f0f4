/**
 * `npm run invoke -- <cloud> <function> <trigger> <event.json>`: one native event through a built artifact in `dist/`,
 * and the native answer as JSON on standard output; what the function logs goes to standard error.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { functions } from '../functions/index.ts';
import type { Declaration } from '../shared/function.ts';
import { CLOUDS, type Cloud } from './build/artifacts.ts';
import { build } from './build.ts';
import { type Answer, type Invocation, lineOf } from './invoke/invocation.ts';

const USAGE = 'Usage: npm run invoke -- <cloud> <function> <trigger> <event.json>';

interface Invoker {
  fileOf(invocation: Pick<Invocation, 'declaration' | 'kind'>): string;
  invoke(invocation: Invocation): Promise<Answer>;
}
const INVOKERS: { readonly [C in Cloud]: () => Promise<Invoker> } = {
  aws: () => import('./invoke/aws.ts'),
  azure: () => import('./invoke/azure.ts'),
  gcp: () => import('./invoke/gcp.ts'),
};

/** Throws an `Error` of one line for arguments that name nothing, and for an artifact that is not there. */
async function invoke(args: readonly string[], dist: string): Promise<Answer> {
  const [cloudName = '', functionName = '', trigger = '', file = ''] = args;
  if (args.length !== 4) throw new Error(USAGE);
  const cloud = CLOUDS.find((one) => one === cloudName);
  if (!cloud) throw new Error(`There is no cloud ${cloudName}; there are ${CLOUDS.join(', ')}`);
  const declaration: Declaration | undefined = functions.find(({ name }) => name === functionName);
  if (!declaration)
    throw new Error(`There is no function ${functionName}; there are ${functions.map(({ name }) => name).join(', ')}`);
  const kind = declaration.on[trigger]?.kind;
  if (!kind)
    throw new Error(`${functionName} has no trigger ${trigger}; it has ${Object.keys(declaration.on).join(', ')}`);
  const event = readEvent(file);
  const invoker = await INVOKERS[cloud]();
  const folder = `${dist}/${cloud}`;
  if (!existsSync(folder)) {
    console.error(`${folder} is not there: building it with local ports`);
    await build({ clouds: [cloud], ports: 'local', out: dist });
  }
  const artifact = `${folder}/${invoker.fileOf({ declaration, kind })}`;
  if (!existsSync(artifact)) throw new Error(`${artifact} is not there; npm run build makes it`);
  const run = (from: string) => invoker.invoke({ folder: from, declaration, trigger, kind, event });
  try {
    return await run(folder);
  } catch (error) {
    if (!wantsItsCloud(error)) throw error;
    const local = `${dist}/local-ports`;
    console.error(`${lineOf(error)}\nWithout them: an artifact with local ports, in ${local}/${cloud}`);
    await build({ clouds: [cloud], ports: 'local', out: local });
    return run(`${local}/${cloud}`);
  }
}

/** The artifact was built with its cloud's ports, and this environment does not say where they are. */
const wantsItsCloud = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'bad_configuration';

function readEvent(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Error(`${file} cannot be read`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON`);
  }
}

/** Sets the exit code: 0 with the answer on standard output, 1 with one line on standard error. */
export async function main(args: readonly string[], dist: string): Promise<void> {
  const print = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    const { value, failure } = await invoke(args, dist);
    if (value !== null || failure === undefined) print(`${JSON.stringify(value, null, 2)}\n`);
    if (failure !== undefined) throw new Error(failure);
  } catch (thrown) {
    console.error(lineOf(thrown));
    process.exitCode = 1;
  }
}

if (import.meta.main) await main(process.argv.slice(2), fileURLToPath(new URL('../dist', import.meta.url)));
