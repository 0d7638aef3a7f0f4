import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOUDS } from '../../infra/build/artifacts.ts';
import { build } from '../../infra/build.ts';
import { NODE } from './child.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trifold-invoke-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `npm run invoke` on artifacts of ours, as a process. */
const invoke = (...args: readonly string[]): Promise<{ code: number; answer: unknown; error: string }> =>
  new Promise((resolve) => {
    const program = `import('${root}infra/invoke.ts').then(({ main }) => main(process.argv.slice(1), process.env.DIST))`;
    const env = { PATH: process.env['PATH'], DIST: join(folder, 'dist'), TRIFOLD_DATA_DIR: join(folder, 'data') };
    execFile(
      NODE,
      ['--input-type=module', '-e', program, '--', ...args],
      { cwd: root, env },
      (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
        resolve({ code, answer: stdout === '' ? undefined : JSON.parse(stdout), error: stderr });
      },
    );
  });

describe('npm run invoke', () => {
  beforeAll(async () => {
    await build({
      clouds: ['azure', 'gcp'],
      only: ['orchestrator', 'operations'],
      ports: 'local',
      out: join(folder, 'dist'),
    });
  }, 60_000);

  it('builds what is not there, and says so', async () => {
    const { code, answer, error } = await invoke('aws', 'orchestrator', 'http', 'events/aws/http-v2.json');
    expect(error).toContain('is not there: building it with local ports');
    expect([code, answer]).toMatchObject([0, { statusCode: 401, isBase64Encoded: false }]);
  }, 60_000);

  it.each([
    ['aws', 'orchestrator', 'intake', 'queue', { batchItemFailures: [] }],
    ['aws', 'orchestrator', 'triage', 'direct', { intents: expect.any(Array) }],
    ['azure', 'orchestrator', 'http', 'http', { status: 401, body: expect.stringContaining('unauthenticated') }],
    ['azure', 'orchestrator', 'intake', 'queue', null],
    ['azure', 'operations', 'sweep', 'schedule', null],
    ['gcp', 'orchestrator', 'http', 'http', { status: 401, body: expect.stringContaining('unauthenticated') }],
    ['gcp', 'orchestrator', 'intake', 'queue', { status: 204 }],
    ['gcp', 'orchestrator', 'requested', 'event', { status: 204 }],
    ['gcp', 'operations', 'sweep', 'schedule', { status: 204 }],
  ])('prints the native answer: %s %s %s', async (cloud, name, trigger, file, expected) => {
    const { code, answer } = await invoke(cloud, name, trigger, `events/${cloud}/${file}.json`);
    expect(code).toBe(0);
    if (expected === null) expect(answer).toBeNull();
    else expect(answer).toMatchObject(expected);
  });

  it('ends with 1 and one line where arguments name nothing', async () => {
    const noJson = join(folder, 'event.json');
    writeFileSync(noJson, '{');
    const event = 'events/aws/http-v2.json';
    const refused: [string[], string][] = [
      [[], 'Usage: npm run invoke'],
      [['moon', 'orchestrator', 'http', event], `There is no cloud moon; there are ${CLOUDS.join(', ')}`],
      [['aws', 'nobody', 'http', event], 'There is no function nobody'],
      [['aws', 'orchestrator', 'nothing', event], 'orchestrator has no trigger nothing'],
      [['aws', 'orchestrator', 'http', 'nowhere.json'], 'nowhere.json cannot be read'],
      [['aws', 'orchestrator', 'http', noJson], 'is not JSON'],
      [['gcp', 'billing', 'assigned', event], 'npm run build makes it'],
    ];
    for (const [args, line] of refused) {
      const { code, answer, error } = await invoke(...args);
      expect([code, answer, error.trimEnd().split('\n')]).toEqual([1, undefined, [expect.stringContaining(line)]]);
    }
  }, 30_000);

  it('ends with 1 and the reason where the handler throws', async () => {
    const empty = join(folder, 'empty.json');
    writeFileSync(empty, '{}');
    const { code, answer, error } = await invoke('aws', 'orchestrator', 'triage', empty);
    expect([code, answer, error.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      undefined,
      expect.stringMatching(/^bad_request: /),
    ]);
  });
});
