import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { functions } from '../../functions/index.ts';
import { build } from '../../infra/build.ts';
import { triggersOf, triggersOfKind } from '../../infra/derive/triggers.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A copy of what is deployed, so that nothing is left behind in the tree and nobody's build is in the way. */
const copy = mkdtempSync(join(tmpdir(), 'trifold-infrastructure-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Ran {
  readonly status: number | null;
  readonly output: string;
  readonly stdout: string;
}

/** Runs a tool without anybody's credentials, settings or colours. */
function run(command: string, args: readonly string[], cwd = copy): Ran {
  const env = { PATH: process.env['PATH'], HOME: copy, NO_COLOR: '1', CHECKPOINT_DISABLE: '1', CI: '1' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 60_000 });
  return { status, stdout: stdout ?? '', output: `${stdout}${stderr}` };
}

/** A missing tool is a named skip, and in CI a failure. */
function needs(tool: string, ctx: TestContext): void {
  if (run(tool, ['--version']).status === 0) return;
  if (process.env['CI'] === 'true') throw new Error(`${tool} is missing`);
  ctx.skip(`${tool} is missing`);
}

/** What these tests look at of CloudFormation's template. */
interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

beforeAll(() => {
  for (const part of ['infra', 'serverless.yml', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true, filter: (path) => !path.endsWith('.terraform') });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});

describe('serverless package', () => {
  const packages: string[] = [];
  const template = (): Template => JSON.parse(packages[0] ?? '{}') as Template; // CloudFormation's own form
  const ofType = (type: string) =>
    Object.values(template().Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));

  beforeAll(async () => {
    await build({ clouds: ['aws'], ports: 'local', out: join(copy, 'dist') });
    for (const folder of ['first', 'second']) {
      const packaged = run(process.execPath, ['node_modules/serverless/bin/serverless.js', 'package', '-p', folder]);
      expect(packaged.output).toContain('Service packaged');
      packages.push(readFileSync(join(copy, folder, 'cloudformation-template-update-stack.json'), 'utf8'));
    }
  });

  it('makes the same template every time, but for the time in the folder of the code', () => {
    const [first, second] = packages.map((text) => text.replace(/\d{13}-[\d:.TZ-]+/g, 'TIME'));
    expect(first).toContain('serverless/trifold/dev/TIME/orchestrator.zip');
    expect(second).toBe(first);
  });

  it('makes every declared trigger a function with a role and a log group of 90 days', () => {
    const expected = triggersOf(functions).map(({ declaration, name }) => `trifold-dev-${declaration.name}-${name}`);
    const made = ofType('AWS::Lambda::Function');
    expect(made.map(({ FunctionName }) => FunctionName)).toEqual(expected);
    for (const { Runtime, Architectures, Role } of made)
      expect({ Runtime, Architectures, Role }).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Role: { 'Fn::GetAtt': [expect.stringMatching(/Role$/), 'Arn'] },
      });
    expect(ofType('AWS::Logs::LogGroup')).toEqual(
      expected.map((name) => ({ LogGroupName: `/aws/lambda/${name}`, RetentionInDays: 90 })),
    );
    expect(template().Resources).not.toHaveProperty('IamRoleLambdaExecution');
  });

  it('makes every queue an event source with single failures and its own limit of concurrency', () => {
    const sources = ofType('AWS::Lambda::EventSourceMapping');
    expect(sources).toHaveLength(triggersOfKind(functions, 'queue').length);
    for (const source of sources)
      expect(source).toMatchObject({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching(/Queue$/), 'Arn'] },
      });
    const limits = sources.map(
      ({ ScalingConfig }) => (ScalingConfig as { MaximumConcurrency: number }).MaximumConcurrency,
    );
    expect(limits).toEqual(triggersOfKind(functions, 'queue').map(({ declaration }) => declaration.limits.concurrency));
  });

  it('makes events rules on our bus, and gives what is not delivered to the dead letters', () => {
    const rules = ofType('AWS::Events::Rule');
    expect(rules).toHaveLength(triggersOfKind(functions, 'event').length);
    for (const rule of rules)
      expect(rule).toMatchObject({
        EventBusName: { Ref: 'Bus' },
        Targets: [{ DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['AsyncDeadLetters', 'Arn'] } } }],
      });
    expect(rules[0]).toMatchObject({
      EventPattern: { 'detail-type': ['support.ticket.requested.v1', 'support.ticket.requested'] },
    });
  });

  it('makes schedules in UTC that tell the instant, by a role that the scheduler may take', () => {
    const schedules = ofType('AWS::Scheduler::Schedule');
    expect(schedules).toHaveLength(triggersOfKind(functions, 'schedule').length);
    for (const schedule of schedules)
      expect(schedule).toMatchObject({
        ScheduleExpressionTimezone: 'UTC',
        Target: {
          Input: '{"time":"<aws.scheduler.scheduled-time>"}',
          RoleArn: { 'Fn::GetAtt': ['SchedulerRole', 'Arn'] },
        },
      });
  });

  it('lets whatever is started asynchronously fail into the dead letters', () => {
    const nets = ofType('AWS::Lambda::Function').filter(({ DeadLetterConfig }) => DeadLetterConfig);
    const kinds = (['event', 'schedule', 'direct'] as const).flatMap((kind) => triggersOfKind(functions, kind));
    expect(nets).toHaveLength(kinds.length);
    expect(ofType('AWS::Lambda::EventInvokeConfig')).toHaveLength(kinds.length);
  });

  it('keeps the bucket private, encrypted and for TLS alone', () => {
    expect(template().Resources['Bucket']?.Properties).toMatchObject({
      BucketEncryption: expect.anything(),
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
    expect(JSON.stringify(template().Resources['BucketPolicy'])).toContain('"aws:SecureTransport":"false"');
  });

  it('passes cfn-lint, but for the warning that the framework itself causes', (ctx) => {
    needs('cfn-lint', ctx);
    expect(lint('first/cloudformation-template-update-stack.json')).toEqual(['W3005']);
    expect(lint('first/cloudformation-template-create-stack.json')).toEqual([]);
  });

  it('would not pass cfn-lint with a property that CloudFormation does not know', (ctx) => {
    needs('cfn-lint', ctx);
    const planted = structuredClone(template());
    Object.assign(planted.Resources['Bucket']?.Properties ?? {}, { Colour: 'green' });
    writeFileSync(join(copy, 'planted.json'), JSON.stringify(planted));
    expect(lint('planted.json')).toContain('E3002');
  });

  /** The rules that cfn-lint finds broken, each once. */
  function lint(file: string): string[] {
    const { stdout } = run('cfn-lint', ['--format', 'json', '--', file]);
    const matches = JSON.parse(stdout) as { Rule: { Id: string } }[]; // cfn-lint's documented output
    return [...new Set(matches.map(({ Rule }) => Rule.Id))].sort();
  }
});

describe.each(['azure', 'gcp'])('Terraform for %s', (cloud) => {
  const folder = join(copy, 'infra', cloud);
  const sources = () => readdirSync(folder).filter((file) => file.endsWith('.tf'));
  const text = () =>
    sources()
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');

  it('is written as Terraform formats it', (ctx) => {
    needs('terraform', ctx);
    expect(run('terraform', ['fmt', '-check', '-recursive', '-no-color'], folder)).toMatchObject({
      status: 0,
      stdout: '',
    });
  });

  it('computes names, wiring and roles as its tests say', (ctx) => {
    needs('terraform', ctx);
    const plan = join(folder, 'plan');
    expect(run('terraform', ['init', '-backend=false', '-no-color'], plan).output).toContain(
      'successfully initialized',
    );
    expect(run('terraform', ['validate', '-no-color'], plan).output).toContain('The configuration is valid');
    expect(run('terraform', ['test', '-no-color'], plan).output).toMatch(/Success! \d+ passed, 0 failed/);
  });

  it('fails those tests when the manifest is not what they expect', (ctx) => {
    needs('terraform', ctx);
    const spoilt = join(copy, 'spoilt');
    cpSync(folder, join(spoilt, cloud), { recursive: true });
    cpSync(join(copy, 'infra/generated'), join(spoilt, 'generated'), { recursive: true });
    const file = join(spoilt, 'generated', `${cloud}.json`);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('discovery.completed.v1', 'something.else.v1'));
    expect(run('terraform', ['test', '-no-color'], join(spoilt, cloud, 'plan')).output).toMatch(
      /Failure! [1-9]\d* passed, 1 failed/,
    );
  });

  it('is loaded whole by Terraform, as far as that goes without the provider', (ctx) => {
    needs('terraform', ctx);
    expect(run('terraform', ['get', '-no-color'], folder).output).toContain('plan in plan');
    expect(run('terraform', ['providers', '-no-color'], folder)).toMatchObject({ status: 0 });
  });

  it('refers to nothing that is not declared', () => {
    expect(danglingIn(text(), readFileSync(join(folder, 'plan/main.tf'), 'utf8'))).toEqual([]);
  });

  it('would be caught referring to what is not declared', () => {
    const planted = `${text()}\noutput "x" { value = [var.nope, local.nope, module.plan.nope, ${cloud === 'azure' ? 'azurerm' : 'google'}_thing.nope.id] }`;
    expect(danglingIn(planted, readFileSync(join(folder, 'plan/main.tf'), 'utf8'))).toHaveLength(4);
  });
});

/** References without a declaration, which `terraform validate` would find if it had the provider. */
function danglingIn(text: string, plan: string): string[] {
  const code = text.replace(/^\s*#.*$/gm, '');
  const locals = [...code.matchAll(/^locals \{\n(.*?)^\}/gms)].flatMap(([, body = '']) =>
    [...body.matchAll(/^ {2}(\w+)\s+=/gm)].map(([, name]) => `local.${name}`),
  );
  const declared = new Set([
    ...locals,
    ...[...code.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => `var.${name}`),
    ...[...plan.matchAll(/^output "(\w+)"/gm)].map(([, name]) => `module.plan.${name}`),
    ...[...code.matchAll(/^resource "(\w+)" "(\w+)"/gm)].map(([, type, name]) => `${type}.${name}`),
    ...[...code.matchAll(/^data "(\w+)" "(\w+)"/gm)].map(([, type, name]) => `data.${type}.${name}`),
  ]);
  const references = code.matchAll(/\b(?:var|local|module\.plan|data\.\w+|(?:azurerm|google)_\w+)\.\w+/g);
  return [...new Set([...references].map(([reference]) => reference))].filter((reference) => !declared.has(reference));
}
