import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Cruises a small tree with the project's own rules and returns the names of those that it breaks. */
function broken(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const top = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))];
    const command = [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      join(root, 'infra/layers.config.mjs'),
      '--output-type',
      'json',
      ...top,
    ];
    const { stdout } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
    const { summary, modules } = JSON.parse(stdout) as {
      summary: { violations: { rule: { name: string } }[] };
      modules: unknown[];
    }; // the tool's format
    expect(modules.length).toBeGreaterThanOrEqual(Object.keys(files).length);
    return [...new Set(summary.violations.map(({ rule }) => rule.name))].filter((name) => name !== 'resolves').sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const empty = 'export const x = 1;\n';

describe('the layer rules', () => {
  const planted: [string, Record<string, string>][] = [
    [
      'no-sdk-in-functions',
      { 'functions/a/handlers.ts': "import { S3Client } from '@aws-sdk/client-s3';\nexport const c = S3Client;\n" },
    ],
    [
      'no-sdk-in-functions',
      { 'shared/domain/a.ts': "import type { Cosmos } from '@azure/cosmos';\nexport type C = Cosmos;\n" },
    ],
    [
      'declarations-are-data',
      {
        'functions/a/function.ts': "import { x } from './handlers.ts';\nexport const y = x;\n",
        'functions/a/handlers.ts': empty,
      },
    ],
    [
      'clouds-know-no-function',
      {
        'shared/clouds/aws/host.ts': "import { x } from '../../../functions/a/b.ts';\nexport const y = x;\n",
        'functions/a/b.ts': empty,
      },
    ],
    [
      'ports-know-neither',
      {
        'shared/ports/a.ts': "import type { x } from '../clouds/local/b.ts';\nexport type Y = typeof x;\n",
        'shared/clouds/local/b.ts': empty,
      },
    ],
    [
      'functions-stay-apart',
      { 'functions/a/b.ts': "import { x } from '../c/d.ts';\nexport const y = x;\n", 'functions/c/d.ts': empty },
    ],
    [
      'clouds-stay-apart',
      {
        'shared/clouds/aws/a.ts': "import { x } from '../gcp/b.ts';\nexport const y = x;\n",
        'shared/clouds/gcp/b.ts': empty,
      },
    ],
    [
      'product-knows-no-test',
      { 'shared/a.ts': "import { x } from '../test/b.ts';\nexport const y = x;\n", 'test/b.ts': empty },
    ],
    [
      'no-circles',
      {
        'shared/a.ts': "import { y } from './b.ts';\nexport const x = () => y;\n",
        'shared/b.ts': "import { x } from './a.ts';\nexport const y = () => x;\n",
      },
    ],
  ];
  it.each(planted)('%s catches a planted violation', (name, files) => {
    expect(broken(files)).toEqual([name]);
  });

  it('let clean modules pass', () => {
    expect(
      broken({
        'functions/a/handlers.ts': "import { x } from '../../shared/b.ts';\nexport const y = x;\n",
        'shared/b.ts': empty,
      }),
    ).toEqual([]);
  });
});
