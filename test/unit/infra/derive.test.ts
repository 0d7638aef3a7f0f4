import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterEach, describe, expect, it } from 'vitest';
import { functions } from '../../../functions/index.ts';
import { deriveOpenApi } from '../../../infra/derive/openapi.ts';
import { routesOf } from '../../../infra/derive/triggers.ts';
import { derive } from '../../../infra/derive.ts';
import { staleFiles } from '../../../infra/generate.ts';
import { type Declaration, event, http, queue, schedule } from '../../../shared/function.ts';
import { everything, functionOf, Job, quiet, sweeper } from './derive-declarations.ts';

const faultsOf = (...declarations: Declaration[]): string => {
  try {
    derive(declarations, '1.0.0');
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const route = { role: 'viewer', summary: 'Something', output: Job } as const;
const write = { ...route, role: 'operator', input: Job } as const;

describe('declarations', () => {
  it('are derived into the four manifests when nothing is wrong with them', () => {
    expect(Object.keys(derive([everything, quiet, sweeper], '1.0.0'))).toEqual([
      'aws.json',
      'azure.json',
      'gcp.json',
      'openapi.json',
    ]);
  });

  it('give the same text whenever they are derived', () => {
    expect(JSON.stringify(derive(functions, '1.0.0'))).toBe(JSON.stringify(derive(functions, '1.0.0')));
  });

  it.each<[string, Declaration[], string]>([
    ['a name twice', [functionOf({}), functionOf({ on: { other: queue('others', Job) } })], 'sample is declared twice'],
    ['a name that a cloud refuses', [functionOf({ name: 'Sample' })], "Sample: a function's name is"],
    ['a name that is too long', [functionOf({ name: 'a'.repeat(26) })], "a function's name is 1 to 25"],
    [
      'a trigger whose name is no identifier',
      [functionOf({ on: { 'do-it': queue('samples', Job) } })],
      "sample-do-it: a trigger's name is",
    ],
    [
      'two http triggers of one function',
      [functionOf({ on: { a: http({ 'GET /a': route }), b: http({ 'GET /b': route }) } })],
      'sample has two http triggers',
    ],
    [
      'a time-out over what Lambda allows',
      [functionOf({ limits: { memoryMb: 256, timeoutSeconds: 901, concurrency: 1 } })],
      'timeoutSeconds is 1 to 900',
    ],
    ['a destination that nothing consumes', [functionOf({ sends: ['void'] })], 'sample sends to void, which nothing'],
    [
      'two consumers of one queue',
      [functionOf({}), functionOf({ name: 'rival' })],
      'Two triggers consume the queue samples',
    ],
    ['a queue whose name SQS refuses', [functionOf({ on: { work: queue('my_queue', Job) } })], "my_queue: a queue's"],
    [
      'the same route twice, but for the name of its parameter',
      [functionOf({ on: { http: http({ 'GET /api/a/{id}': route, 'GET /api/a/{key}': route }) } })],
      'answer the same paths',
    ],
    [
      'two routes that cross',
      [functionOf({ on: { http: http({ 'GET /api/{x}/b': route, 'GET /api/a/{y}': route }) } })],
      'answer the same paths',
    ],
    [
      'routes of two functions that cross',
      [
        functionOf({ on: { http: http({ 'GET /api/{x}': route }) } }),
        functionOf({ name: 'rival', on: { http: http({ 'GET /api/{y}': route }) } }),
      ],
      'GET /api/{x} (sample) and /api/{y} (rival)',
    ],
    [
      'a path with capitals',
      [functionOf({ on: { http: http({ 'GET /api/Jobs': route }) } })],
      'a path is lower-case segments',
    ],
    [
      'a parameter twice',
      [functionOf({ on: { http: http({ 'GET /api/{id}/{id}': route }) } })],
      'has a parameter twice',
    ],
    [
      'a GET that writes',
      [functionOf({ on: { http: http({ 'GET /api/a/{id}': { ...route, writes: 'a/{id}' } }) } })],
      'reads, so it may not declare what it writes',
    ],
    [
      'a GET with a body',
      [functionOf({ on: { http: http({ 'GET /api/a': { ...route, input: Job } }) } })],
      'may not have an input',
    ],
    [
      'a partition of which the path gives only a part',
      [functionOf({ on: { http: http({ 'PUT /api/a/{id}': { ...write, writes: 'a/{id}/{part}' } }) } })],
      'of which its path does not give everything',
    ],
    [
      'two new ids in one partition',
      [functionOf({ on: { http: http({ 'POST /api/a': { ...write, writes: 'a/{id}/{part}', creates: 'a' } }) } })],
      'of which its path does not give everything',
    ],
    [
      'a creation in which nothing is new',
      [functionOf({ on: { http: http({ 'PUT /api/a/{id}': { ...write, writes: 'a/{id}', creates: 'a' } }) } })],
      'but no part of a/{id} is new',
    ],
    ['a schedule that is no cron', [functionOf({ on: { tick: schedule('at noon') } })], 'sample-tick: cron'],
    [
      'a schedule that restricts both days, which EventBridge and NCRONTAB cannot say',
      [functionOf({ on: { tick: schedule('0 6 1 * 1') } })],
      'EventBridge takes `?`',
    ],
  ])('are refused for %s', (_, declarations, reason) => {
    expect(faultsOf(...declarations)).toContain(reason);
  });

  it.each<[string, Declaration[], string]>([
    [
      'two queues with the same logical id on AWS',
      [functionOf({ on: { a: queue('a-1', Job), b: queue('a1', Job) } })],
      'Two resources would be called A1Queue on AWS',
    ],
    [
      "a queue called as Google's topic of the bus",
      [functionOf({ on: { work: queue('events', Job) } })],
      'Two topics would be called events on Google Cloud',
    ],
    [
      "a function called as Google's HTTP service",
      [functionOf({ name: 'http', on: { http: http({ 'GET /a': route }), work: queue('samples', Job) } })],
      'Two artifacts would be called http on Google Cloud',
    ],
    [
      'two functions that Cloud Run would call the same',
      [
        functionOf({ name: 'a', on: { bC: queue('one', Job) } }),
        functionOf({ name: 'a-b', on: { c: queue('two', Job) } }),
      ],
      'Two functions would be called a-b-c on Google Cloud',
    ],
  ])('are refused for %s', (_, declarations, reason) => {
    expect(faultsOf(...declarations)).toContain(reason);
  });

  it('may have one route more particular than another', () => {
    const routes = { 'GET /api/a/{id}': route, 'GET /api/a/latest': route, 'DELETE /api/a/{key}': write };
    expect(faultsOf(functionOf({ on: { http: http(routes) } }))).toBe('');
  });

  it('are told all their faults at once', () => {
    const faulty = functionOf({ name: 'Bad', sends: ['void'], on: { tick: schedule('never'), e: event('e', Job) } });
    const message = faultsOf(faulty);
    expect(message.split('\n- ')).toHaveLength(4);
    expect(message).toMatch(/^The declarations have faults:\n- Bad: .+\n- Bad sends to void.+\n- Bad-tick: cron .+$/);
  });
});

describe('the generated files', () => {
  let copy = '';
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  it('are what the declarations say', () => {
    expect(staleFiles()).toEqual([]);
  });

  it('are found out when somebody edits one, or forgets one', () => {
    copy = copyOfTheProject();
    expect(check(copy)).toEqual({ status: 0, stderr: '' });
    writeFileSync(join(copy, 'infra/generated/aws.json'), '{}\n');
    rmSync(join(copy, 'infra/generated/gcp.json'));
    expect(check(copy)).toEqual({
      status: 1,
      stderr: 'Stale: infra/generated/aws.json, infra/generated/gcp.json. Run npm run generate.\n',
    });
  });
});

describe('the OpenAPI document', () => {
  it('is valid and holds every declared route, the real ones and the samples', async () => {
    for (const declarations of [functions, [everything, quiet]]) {
      const document = deriveOpenApi(declarations, '1.0.0');
      const result = await new Validator().validate(JSON.parse(JSON.stringify(document)));
      expect(result).toMatchObject({ valid: true });
      const described = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
      expect(described.sort()).toEqual(
        routesOf(declarations)
          .map(({ method, path }) => `${method} ${path}`)
          .sort(),
      );
    }
  });

  it('is refused by the validator when something is missing', async () => {
    const { info: _, ...rest } = deriveOpenApi([everything], '1.0.0');
    expect(await new Validator().validate(JSON.parse(JSON.stringify(rest)))).toMatchObject({ valid: false });
  });

  it('gives every operation a name of its own', () => {
    const names = Object.values(deriveOpenApi(functions, '1.0.0').paths).flatMap((methods) =>
      Object.values(methods).map((operation) => (operation as { operationId: string }).operationId),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('tells of a route its parameters, its role and what it answers', () => {
    const document = deriveOpenApi([everything], '1.0.0');
    expect(document.paths['/api/jobs']?.['post']).toMatchObject({
      operationId: 'postJobs',
      tags: ['every-thing'],
      summary: 'Make a job',
      description: 'Needs the role operator.',
      security: [{ apiKey: [] }],
      parameters: [{ name: 'Idempotency-Key', in: 'header' }],
      requestBody: { required: true },
      responses: { 201: { description: 'Make a job' }, default: { $ref: '#/components/responses/Problem' } },
    });
    expect(document.paths['/api/jobs/{id}']?.['get']).toMatchObject({
      parameters: [{ name: 'id', in: 'path', required: true }],
    });
  });
});

/** Enough of the project to derive from, in a folder that a test may spoil. */
function copyOfTheProject(): string {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'trifold-derive-'));
  for (const part of ['functions', 'shared', 'infra', 'package.json'])
    cpSync(join(root, part), join(folder, part), {
      recursive: true,
      filter: (path) => !/\/(node_modules|\.terraform)$/.test(path),
    });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function check(folder: string): { status: number; stderr: string } {
  try {
    execFileSync(process.execPath, ['infra/generate.ts', '--check'], { cwd: folder, stdio: 'pipe' });
    return { status: 0, stderr: '' };
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer }; // what execFileSync throws of a failed process
    return { status, stderr: stderr.toString() };
  }
}
