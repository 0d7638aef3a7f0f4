import { describe, expect, it } from 'vitest';
import { functions } from '../../../functions/index.ts';
import { deriveAws } from '../../../infra/derive/aws.ts';
import { tableDefinition, timeToLiveSpecification } from '../../../shared/clouds/aws/table.ts';
import { http, queue } from '../../../shared/function.ts';
import { everything, functionOf, Job, quiet, sweeper } from './derive-declarations.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
}
interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly Policies: readonly [{ readonly PolicyDocument: { readonly Statement: readonly Statement[] } }];
  };
}

const declared = [everything, quiet, sweeper];
const manifest = deriveAws(declared);
/** The manifest is JSON for CloudFormation, whose form these tests know. */
const resourcesOf = ({ resources }: ReturnType<typeof deriveAws>) => resources.Resources as Record<string, Resource>;
const resource = (id: string) => resourcesOf(manifest)[id];
const statementsOf = (role: Resource | undefined): readonly Statement[] =>
  role?.Properties.Policies[0].PolicyDocument.Statement ?? [];
const allowed = (id: string, action: string) =>
  statementsOf(resource(id)).flatMap(({ Action, Resource }) => (Action.includes(action) ? Resource : []));
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const sub = (text: string) => ({ 'Fn::Sub': text });
const ours = (service: string, rest: string) =>
  sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`);
const PREFIX = '$' + '{self:service}-$' + '{sls:stage}';

describe('a trigger on AWS', () => {
  const common = {
    description: 'Has a trigger of every kind',
    package: { artifact: 'dist/aws/every-thing.zip' },
    memorySize: 256,
    role: 'EveryThingRole',
  };
  const hook = {
    TRIFOLD_WEBHOOK_URL: '$' + "{param:webhookUrl, ''}",
    TRIFOLD_WEBHOOK_SECRET: '$' + "{param:webhookSecret, ''}",
  };
  const deadLetters = { onError: arn('AsyncDeadLetters'), maximumRetryAttempts: 2 };

  it('http: becomes routes of the one API, within the time that the API has', () => {
    expect(manifest.functions['every-thing-http']).toEqual({
      ...common,
      handler: 'index.http',
      timeout: 29,
      environment: hook,
      events: [
        { httpApi: { method: 'GET', path: '/api/jobs/{id}' } },
        { httpApi: { method: 'POST', path: '/api/jobs' } },
        { httpApi: '*' },
      ],
    });
  });

  it('queue: becomes an event source that reports single failures', () => {
    expect(manifest.functions['every-thing-work']).toEqual({
      ...common,
      handler: 'index.work',
      timeout: 40,
      environment: hook,
      events: [
        {
          sqs: {
            arn: arn('JobsQueue'),
            batchSize: 10,
            functionResponseType: 'ReportBatchItemFailures',
            maximumConcurrency: 2,
          },
        },
      ],
    });
  });

  it('event: becomes a rule for its type, the one before and the bare name, and buries before Lambda gives up', () => {
    expect(manifest.functions['every-thing-jobDone']).toEqual({
      ...common,
      ...deadLetters,
      handler: 'index.jobDone',
      timeout: 40,
      environment: { TRIFOLD_MAX_ATTEMPTS: '3', ...hook },
      events: [
        {
          eventBridge: {
            eventBus: { Ref: 'Bus' },
            pattern: { 'detail-type': ['job.done.v2', 'job.done.v1', 'job.done'] },
            deadLetterQueueArn: arn('AsyncDeadLetters'),
          },
        },
      ],
    });
  });

  it('schedule: becomes a schedule in UTC that tells the instant, started by a role of its own', () => {
    expect(manifest.functions['every-thing-nightly']).toEqual({
      ...common,
      ...deadLetters,
      handler: 'index.nightly',
      timeout: 40,
      environment: hook,
      events: [
        {
          schedule: {
            method: 'scheduler',
            roleArn: arn('SchedulerRole'),
            rate: ['cron(30 2 ? * 2-6 *)'],
            timezone: 'UTC',
            input: { time: '<aws.scheduler.scheduled-time>' },
          },
        },
      ],
    });
  });

  it('direct: becomes a function that nothing starts by itself', () => {
    expect(manifest.functions['every-thing-count']).toEqual({
      ...common,
      ...deadLetters,
      handler: 'index.count',
      timeout: 40,
      environment: hook,
    });
  });
});

describe('resources on AWS', () => {
  it('hold a queue for six time-outs, and its dead letters', () => {
    expect(resource('JobsQueue')?.Properties).toMatchObject({
      QueueName: `${PREFIX}-jobs`,
      VisibilityTimeout: 240,
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: arn('JobsDeadLetters'), maxReceiveCount: 20 },
    });
    expect(resource('JobsDeadLetters')?.Properties).toMatchObject({ QueueName: `${PREFIX}-jobs_dead` });
  });

  it('hold the table that the store asks for, and keep it', () => {
    expect(resource('Table')).toEqual({
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ...tableDefinition,
        TimeToLiveSpecification: timeToLiveSpecification,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    });
  });

  it('tell the addresses of queues that others send to, and no others', () => {
    expect(Object.keys(manifest.resources.Outputs)).toEqual(['JobsQueueUrl']);
  });

  it('have one catch-all route however many functions answer HTTP', () => {
    const route = { role: 'viewer', summary: 'Something', output: Job } as const;
    const rival = functionOf({ name: 'rival', on: { http: http({ 'GET /rival': route }), work: queue('x', Job) } });
    const all = JSON.stringify(deriveAws([everything, rival]).functions);
    expect(all.match(/"httpApi":"\*"/g)).toHaveLength(1);
  });

  it('have no role for a scheduler that has nothing to start', () => {
    expect(deriveAws([quiet]).resources.Resources).not.toHaveProperty('SchedulerRole');
  });
});

describe('permissions on AWS', () => {
  it('name no resource `*`, and no action by a pattern', () => {
    const roles = Object.entries(resourcesOf(deriveAws(functions))).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
    expect(roles.map(([id]) => id)).toEqual([
      ...functions.map(({ name }) => name.replace(/(^|-)(\w)/g, (_, __, c: string) => c.toUpperCase()).concat('Role')),
      'SchedulerRole',
    ]);
    for (const [id, role] of roles)
      for (const { Action, Resource } of statementsOf(role)) {
        expect(Action.join(), id).not.toContain('*');
        for (const one of Resource) {
          const text = typeof one === 'string' ? one : JSON.stringify(one);
          expect(text, id).toMatch(/Fn::(GetAtt|Sub)/);
          // A pattern ends a name that is ours: a path, a log group, a prefix.
          // Models are asked in any region: profiles send requests on.
          const named = text.replace(':bedrock:*:', ':bedrock:').replace(/(?:[/:]|claim-checks\/)\*"\}$/, '');
          expect(named, id).not.toContain('*');
        }
      }
  });

  it('let a function send where it declares, and nowhere else', () => {
    expect(allowed('EveryThingRole', 'sqs:SendMessage')).toEqual([arn('JobsQueue'), arn('AsyncDeadLetters')]);
    expect(allowed('QuietRole', 'sqs:SendMessage')).toEqual([]);
    expect(allowed('SweeperRole', 'sqs:SendMessage')).toEqual([
      arn('JobsQueue'),
      arn('RumoursQueue'),
      arn('AsyncDeadLetters'),
    ]);
  });

  it('let a function emit that declares it, and no other', () => {
    expect(allowed('EveryThingRole', 'events:PutEvents')).toEqual([arn('Bus')]);
    expect(allowed('SweeperRole', 'events:PutEvents')).toEqual([arn('Bus')]);
    expect(allowed('QuietRole', 'events:PutEvents')).toEqual([]);
  });

  it('let a function receive from its own queue alone', () => {
    expect(allowed('QuietRole', 'sqs:ReceiveMessage')).toEqual([arn('RumoursQueue')]);
    expect(allowed('SweeperRole', 'sqs:ReceiveMessage')).toEqual([]);
  });

  it('open the whole bucket to who declares it; to others, large messages as far as they send or receive', () => {
    const claims = sub('$' + '{Bucket.Arn}/claim-checks/*');
    expect(allowed('EveryThingRole', 's3:DeleteObject')).toEqual([sub('$' + '{Bucket.Arn}/*')]);
    expect(allowed('QuietRole', 's3:GetObject')).toEqual([claims]);
    expect(allowed('QuietRole', 's3:PutObject')).toEqual([]);
    expect(allowed('SweeperRole', 's3:PutObject')).toEqual([claims]);
    expect(allowed('SweeperRole', 's3:GetObject')).toEqual([]);
  });

  it('open secrets of this desk to who declares the vault', () => {
    expect(allowed('EveryThingRole', 'secretsmanager:GetSecretValue')).toEqual([
      ours('secretsmanager', `secret:${PREFIX}/*`),
    ]);
    expect(JSON.stringify(resource('QuietRole'))).not.toContain('secretsmanager');
  });

  it('let a function write its own logs, also where another one begins with its name', () => {
    expect(allowed('QuietRole', 'logs:PutLogEvents')).toEqual([
      ours('logs', `log-group:/aws/lambda/${PREFIX}-quiet-heard:*`),
    ]);
  });

  it('let the scheduler start what is scheduled, for this account', () => {
    expect(allowed('SchedulerRole', 'lambda:InvokeFunction')).toEqual([
      ours('lambda', `function:${PREFIX}-every-thing-nightly`),
      ours('lambda', `function:${PREFIX}-sweeper-sweep`),
    ]);
    expect(resource('SchedulerRole')?.Properties).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ],
      },
    });
  });
});
