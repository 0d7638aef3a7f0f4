/** `node infra/generate.ts` writes infra/generated; with `--check` it only tells what is stale, and fails. */
import { readFileSync, writeFileSync } from 'node:fs';
import { functions } from '../functions/index.ts';
import { environmentPage } from './derive/environment.ts';
import { derive } from './derive.ts';

const folder = new URL('./generated/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
}; // our own package.json

/** Every derived file with its text. */
export function generatedFiles(): { name: string; text: string }[] {
  const manifests = Object.entries(derive(functions, version)).map(([name, value]) => ({
    name,
    text: `${JSON.stringify(value, null, 2)}\n`,
  }));
  return [...manifests, { name: 'environment.md', text: environmentPage() }];
}

/** Names of files that are not what the declarations say. */
export function staleFiles(): string[] {
  return generatedFiles().flatMap(({ name, text }) => (textOf(name) === text ? [] : [name]));
}

function textOf(name: string): string | undefined {
  try {
    return readFileSync(new URL(name, folder), 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const stale = staleFiles();
  if (!process.argv.includes('--check'))
    for (const { name, text } of generatedFiles()) writeFileSync(new URL(name, folder), text);
  else if (stale.length > 0) {
    console.error(`Stale: infra/generated/${stale.join(', infra/generated/')}. Run npm run generate.`);
    process.exitCode = 1;
  }
}
