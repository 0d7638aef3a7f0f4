import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Longer than any installation here took, on a busy machine as well. */
const TIMEOUT_MS = 300_000;

/**
 * Installs what a folder's own lock file names (`npm ci`), unless that was done. Of several processes one installs, the
 * others wait for it. Throws when npm fails.
 */
export async function installPackages(folder: string): Promise<void> {
  if (isInstalled(folder)) return;
  await alone(folder, async () => {
    if (!isInstalled(folder)) await npmCi(folder);
  });
}

/** npm writes this file when everything else is there. */
const isInstalled = (folder: string): boolean => existsSync(join(folder, 'node_modules', '.package-lock.json'));

async function npmCi(folder: string): Promise<void> {
  // Without --prefix npm would, under `npm run`, take the project's folder for its own.
  await promisify(execFile)('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    env: { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) },
    timeout: TIMEOUT_MS,
  });
}

/** By SQLite's lock on a file, which the operating system releases when a process dies: no lock is ever stale. */
async function alone(folder: string, work: () => Promise<void>): Promise<void> {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const lock = new DatabaseSync(join(tmpdir(), `trifold-install-${name}.lock`), { timeout: 0 });
  try {
    for (const until = Date.now() + TIMEOUT_MS; !isTaken(lock); ) {
      if (Date.now() > until) throw new Error(`Somebody has been installing ${folder} for too long`);
      await pause(250);
    }
    await work();
  } finally {
    lock.close();
  }
}

function isTaken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.includes('locked')) return false;
    throw error;
  }
}
