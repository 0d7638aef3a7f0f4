/**
 * `npm run test:clouds`: every port's contract on every cloud's adapter, the built artifacts on the clouds' runtimes, and
 * the scenarios end to end. The tests start and stop the emulators themselves. Ends with a table of what passed where;
 * an emulator that is missing is a named skip in it, and a failure with CI=true. Arguments go on to vitest.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Report, toSummary } from './test-clouds/summary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

const folder = mkdtempSync(join(tmpdir(), 'trifold-clouds-'));
const file = join(folder, 'report.json');
const started = performance.now();
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'clouds', ...reporters, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
if (existsSync(file)) {
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report; // as vitest documents it
  console.log(`\n${toSummary(report, root).join('\n')}`);
}
console.log(`${Math.round((performance.now() - started) / 1000)} s`);
rmSync(folder, { recursive: true });
process.exitCode = status ?? 1;
