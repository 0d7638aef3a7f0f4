import { createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';

/** The same bytes for the same files: names in order, one time, one mode. Returns the zip's size in bytes. */
export async function zipFolder(folder: string, target: string): Promise<number> {
  const zip = new yazl.ZipFile();
  for (const file of filesBelow(folder))
    zip.addBuffer(readFileSync(file), relative(folder, file).split(sep).join('/'), {
      mtime: new Date(Date.UTC(1980, 0, 1)),
      mode: 0o100644,
      forceDosTimestamp: true,
    });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(target));
  return statSync(target).size;
}

/** Files below a folder in order of path; source maps stay out of what is deployed. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
