import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { NODE } from '../child.ts';

/** The installed runtime interface client. */
export interface Ric {
  /** The program that Lambda's Node.js runtime runs. */
  readonly entry: string;
  /** `native`: the client that Lambda ships was built here. `http`: it was not, and ours stands in for it. */
  readonly client: 'native' | 'http';
}

let installed: Promise<Ric> | undefined;

/**
 * Installs `aws-lambda-ric` below this folder unless it is there, once per process. Its native client takes half a
 * minute to build and wants cmake, make and g++; where that fails, `npm ci` is run again without scripts.
 *
 * @param directory a folder with our package.json and its lock file
 * @param env for npm; `PATH` is preceded by Node 24's folder
 * @throws when the package cannot be downloaded
 */
export async function installRic(
  directory: string = import.meta.dirname,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ric> {
  if (directory !== import.meta.dirname) return install(directory, env);
  installed ??= install(directory, env);
  return installed;
}

async function install(directory: string, env: NodeJS.ProcessEnv): Promise<Ric> {
  const folder = join(directory, 'node_modules', 'aws-lambda-ric');
  const entry = join(folder, 'index.mjs');
  if (!existsSync(entry)) {
    await npmCi(directory, env).catch(() => npmCi(directory, env, '--ignore-scripts'));
  }
  return { entry, client: existsSync(join(folder, 'rapid-client.node')) ? 'native' : 'http' };
}

async function npmCi(directory: string, env: NodeJS.ProcessEnv, ...flags: string[]): Promise<void> {
  const path = [dirname(NODE), env['PATH']].join(delimiter);
  // Under `npm run`, npm would take the project's folder for its own without --prefix.
  await promisify(execFile)('npm', ['ci', '--prefix', directory, '--no-audit', '--no-fund', ...flags], {
    cwd: directory,
    env: { ...env, PATH: path },
    timeout: 480_000, // the build took 37 s alone on two cores, 248 s with other work beside it
  });
}
