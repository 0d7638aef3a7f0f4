import type { Declaration } from '../../shared/function.ts';
import { deadLettersOf, logicalName } from './aws-resources.ts';
import { sendsAnywhere } from './triggers.ts';

type Statement = { readonly Effect: 'Allow'; readonly Action: readonly string[]; readonly Resource: unknown };

const allow = (Action: readonly string[], Resource: unknown): Statement => ({ Effect: 'Allow', Action, Resource });
const arnOf = (logical: string) => ({ 'Fn::GetAtt': [logical, 'Arn'] });

/** The role of a function: its table, the queues it sends to or consumes, the bus if it emits, the ports that it uses. */
export function permissionsOf(declaration: Declaration, queues: readonly string[]) {
  const triggers = Object.values(declaration.on);
  const sends = sendsAnywhere(declaration) ? queues : declaration.sends;
  const consumes = triggers.flatMap((trigger) => (trigger.kind === 'queue' ? [trigger.queue] : []));
  const listens = triggers.some((trigger) => trigger.kind === 'event');
  const statements = [
    // DynamoDB knows no permission of its own for transactions.
    allow(
      [
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:ConditionCheckItem',
      ],
      [arnOf('Table'), { 'Fn::Sub': '${Table.Arn}/index/*' }],
    ),
    ...(sends.length > 0
      ? [
          allow(
            ['sqs:SendMessage'],
            sends.map((queue) => arnOf(`${logicalName(queue)}Queue`)),
          ),
        ]
      : []),
    ...(consumes.length > 0
      ? [
          allow(
            ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
            consumes.map((queue) => arnOf(`${logicalName(queue)}Queue`)),
          ),
        ]
      : []),
    ...(listens ? [allow(['sqs:SendMessage'], [deadLettersOf('bus')])] : []),
    ...(declaration.emits.length > 0 || sendsAnywhere(declaration)
      ? [allow(['events:PutEvents'], [arnOf('Bus')])]
      : []),
    // Messages over the queue's limit travel as objects.
    allow(
      ['s3:GetObject', 's3:PutObject', ...(declaration.uses.includes('objects') ? ['s3:DeleteObject'] : [])],
      [{ 'Fn::Sub': '${Bucket.Arn}/*' }],
    ),
    ...(declaration.uses.includes('objects') ? [allow(['s3:ListBucket'], [arnOf('Bucket')])] : []),
    ...(declaration.uses.includes('vault')
      ? [
          allow(
            [
              'secretsmanager:GetSecretValue',
              'secretsmanager:CreateSecret',
              'secretsmanager:PutSecretValue',
              'secretsmanager:UpdateSecretVersionStage',
              'secretsmanager:DescribeSecret',
              'secretsmanager:ListSecretVersionIds',
              'secretsmanager:DeleteSecret',
            ],
            [
              {
                'Fn::Sub':
                  'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${self:service}-${sls:stage}/*',
              },
            ],
          ),
        ]
      : []),
    allow(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      [
        {
          'Fn::Sub':
            'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/${self:service}-${sls:stage}-*',
        },
      ],
    ),
  ];
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: declaration.purpose,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: declaration.name, PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  };
}
