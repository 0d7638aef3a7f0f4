import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, UnavailableError } from '../../errors.ts';

export const isFileError = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** Trouble of the disk in our words; any other error as it is. */
export function asFileError(error: unknown, what: string): unknown {
  if (isFileError(error, 'ENOSPC', 'EDQUOT'))
    return new UnavailableError(`${what} (its disk is full)`, 'none', { cause: error });
  if (isFileError(error, 'EIO', 'EROFS', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE'))
    return new UnavailableError(`${what} (its disk fails)`, 'none', { cause: error });
  return error;
}

/** Writes a file of mode 0600 whole or not at all: beside it, synced, then renamed over it. Readers see old or new. */
export function writeFileAtomically(path: string, content: Uint8Array): void {
  const temporary = writeBeside(path, content);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolderNow(dirname(path));
}

/** The file's content; when there is none it is first created from `make`, by one of several processes. */
export function readOrCreate(path: string, make: () => Uint8Array): Buffer {
  const existing = readIfThere(path);
  if (existing) return existing;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = writeBeside(path, make());
  try {
    // Fails when another process was first: its file stays.
    linkSync(temporary, path);
    syncFolderNow(dirname(path));
  } catch (error) {
    if (!isFileError(error, 'EEXIST')) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return readFileSync(path);
}

export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

const KEY_BYTES = 32;

/** A random key in a file that only its owner may read, created at first use. */
export function readOrCreateKey(path: string): Buffer {
  const key = Buffer.from(
    readOrCreate(path, () => Buffer.from(randomBytes(KEY_BYTES).toString('base64'))).toString(),
    'base64',
  );
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new AppError('key_file', `The key file ${path} can be read by others; make it private: chmod 600`, {
      retryable: false,
    });
  if (key.length !== KEY_BYTES)
    throw new AppError('key_file', `The key file ${path} does not hold a key of ${KEY_BYTES} bytes`, {
      retryable: false,
    });
  return key;
}

function writeBeside(path: string, content: Uint8Array): string {
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    for (let written = 0; written < content.length; ) written += writeSync(file, content, written);
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return temporary;
}

/** Makes a new name in a folder last through a power cut; not every system can. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function syncFolderNow(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
