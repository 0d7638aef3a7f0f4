import { CLAIM_CHECK_PREFIX } from '../../shared/claim-check.ts';
import type { Declaration } from '../../shared/function.ts';
import { ASYNC_DEAD_LETTERS, arnOf, PREFIX, queueId, SCHEDULER_ROLE } from './aws-resources.ts';
import { type Declared, deployedName, sendsAnywhere, triggersOf } from './triggers.ts';

interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
}

const allow = (Action: readonly string[], Resource: readonly unknown[]): Statement[] =>
  Resource.length > 0 ? [{ Effect: 'Allow', Action, Resource }] : [];
const ours = (service: string, resource: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
});

/** The role of a function: its table, the queues it sends to or consumes, the bus if it emits, the ports that it uses. */
export function permissionsOf(declaration: Declaration, queues: readonly string[]) {
  const declared = triggersOf([declaration]);
  const consumes = declared.flatMap(({ trigger }) => (trigger.kind === 'queue' ? [trigger.queue] : []));
  const sends = sendsAnywhere(declaration) ? queues : declaration.sends;
  const emits = declaration.emits.length > 0 || sendsAnywhere(declaration);
  return role('lambda.amazonaws.com', declaration.name, declaration.purpose, [
    ...STORE,
    ...allow(['sqs:SendMessage'], [...sends.map(queueId), ...asyncNet(declared)].map(arnOf)),
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
    ...allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      consumes.map((queue) => arnOf(queueId(queue))),
    ),
    ...allow(['events:PutEvents'], emits ? [arnOf('Bus')] : []),
    ...objectStatements(declaration, sends, consumes),
    ...allow(['bedrock:InvokeModel'], declaration.uses.includes('model') ? MODELS : []),
    ...allow(SECRETS, declaration.uses.includes('vault') ? [ours('secretsmanager', `secret:${PREFIX}/*`)] : []),
    ...allow(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      declared.map((one) => ours('logs', `log-group:/aws/lambda/${PREFIX}-${deployedName(one)}:*`)),
    ),
  ]);
}

/** DynamoDB knows no permission of its own for transactions. */
const STORE = [
  ...allow(
    ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
    [arnOf('Table')],
  ),
  ...allow(['dynamodb:Query'], [{ 'Fn::Sub': '${Table.Arn}/index/*' }]),
];

/** Which models are asked is configuration, and profiles send a request on to several regions. */
const MODELS = [
  { 'Fn::Sub': 'arn:${AWS::Partition}:bedrock:*::foundation-model/*' },
  { 'Fn::Sub': 'arn:${AWS::Partition}:bedrock:*:${AWS::AccountId}:inference-profile/*' },
];

const SECRETS = [
  'secretsmanager:GetSecretValue',
  'secretsmanager:CreateSecret',
  'secretsmanager:PutSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:DeleteSecret',
];

/** Whether something invokes it asynchronously, so that Lambda itself puts failures among the dead letters. */
export const isAsync = ({ trigger }: Declared): boolean => trigger.kind !== 'http' && trigger.kind !== 'queue';
const asyncNet = (declared: readonly Declared[]): string[] => (declared.some(isAsync) ? [ASYNC_DEAD_LETTERS] : []);

/** Messages over the queue's limit travel as objects: senders put them, consumers get them. */
function objectStatements(
  { uses }: Declaration,
  sends: readonly string[],
  consumes: readonly string[],
): readonly Statement[] {
  const all = { 'Fn::Sub': '${Bucket.Arn}/*' };
  const claims = { 'Fn::Sub': `\${Bucket.Arn}/${CLAIM_CHECK_PREFIX}*` };
  // Without `s3:ListBucket` S3 says "denied" of an object that is not there.
  const list = allow(['s3:ListBucket'], [arnOf('Bucket')]);
  if (uses.includes('objects'))
    return [...allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'], [all]), ...list];
  return [
    ...allow(['s3:PutObject'], sends.length > 0 ? [claims] : []),
    ...(consumes.length > 0 ? [...allow(['s3:GetObject'], [claims]), ...list] : []),
  ];
}

/** EventBridge Scheduler starts the scheduled functions, and nothing else. */
export function schedulerRole(scheduled: readonly Declared[]) {
  if (scheduled.length === 0) return {};
  const targets = scheduled.map((one) => ours('lambda', `function:${PREFIX}-${deployedName(one)}`));
  const made = role('scheduler.amazonaws.com', 'invoke', 'Starts scheduled functions', [
    ...allow(['lambda:InvokeFunction'], targets),
  ]);
  return { [SCHEDULER_ROLE]: made };
}

function role(service: string, name: string, description: string, statements: readonly Statement[]) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: description,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: service },
            Action: 'sts:AssumeRole',
            // Nobody else's schedule may borrow it: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
            ...(service.startsWith('scheduler')
              ? { Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }
              : {}),
          },
        ],
      },
      Policies: [{ PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  };
}
