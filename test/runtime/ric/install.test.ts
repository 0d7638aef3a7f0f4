import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { installRic } from './install.ts';

it('installs without the native client where that cannot be built', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-ric-'));
  for (const file of ['package.json', 'package-lock.json'])
    await copyFile(join(import.meta.dirname, file), join(folder, file));
  // The build begins with tar; npm itself does not need it.
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'tar'), '#!/bin/sh\nexit 1\n');
  await chmod(join(folder, 'bin', 'tar'), 0o755);
  const env = { ...process.env, PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter) };
  expect(await installRic(folder, env)).toMatchObject({ client: 'http' });
  await rm(folder, { recursive: true });
}, 120_000);
