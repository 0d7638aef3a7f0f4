import { tableDefinition, timeToLiveSpecification } from '../../shared/clouds/aws/table.ts';

export type Resources = Readonly<Record<string, unknown>>;

/** Before the name of everything that has to have one; the serverless framework fills it in. */
export const PREFIX = '${self:service}-${sls:stage}';

/** `tickets-urgent` → `TicketsUrgent`: CloudFormation's logical ids are letters and digits. */
export const logicalName = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

export const queueId = (queue: string): string => `${logicalName(queue)}Queue`;
export const roleId = (name: string): string => `${logicalName(name)}Role`;
export const arnOf = (logical: string) => ({ 'Fn::GetAtt': [logical, 'Arn'] });

/** What Lambda could not get done after an asynchronous invocation, and what the bus could not deliver. */
export const ASYNC_DEAD_LETTERS = 'AsyncDeadLetters';
/** What EventBridge Scheduler runs as. */
export const SCHEDULER_ROLE = 'SchedulerRole';

/** SQS keeps a message 14 days at most. */
const KEEP_SECONDS = 14 * 24 * 3600;
/** The desk buries after `TRIFOLD_MAX_ATTEMPTS`; this net is for what it could not bury. */
const MAX_RECEIVES = 20;

/** Puts resources together; throws where two have the same logical id, as queues `a-1` and `a1` would. */
export function merge(...groups: readonly Resources[]): Resources {
  const merged: Record<string, unknown> = {};
  for (const [id, resource] of groups.flatMap((group) => Object.entries(group))) {
    if (id in merged) throw new Error(`Two resources would be called ${id} on AWS; name one of them differently`);
    merged[id] = resource;
  }
  return merged;
}

/** Queue names have no `_`, so that no queue can be called what another one's dead letters are. */
const deadLetters = (id: string, name: string): Resources => ({
  [id]: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `${PREFIX}-${name}_dead`,
      MessageRetentionPeriod: KEEP_SECONDS,
      SqsManagedSseEnabled: true,
    },
  },
});

/** A queue, with the cloud's own dead letters as the last net below the desk's. */
export const queueResources = (queue: string, timeoutSeconds: number): Resources => ({
  [queueId(queue)]: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `${PREFIX}-${queue}`,
      MessageRetentionPeriod: KEEP_SECONDS,
      // Six times the function's time-out: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      VisibilityTimeout: timeoutSeconds * 6,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: arnOf(`${logicalName(queue)}DeadLetters`), maxReceiveCount: MAX_RECEIVES },
    },
  },
  ...deadLetters(`${logicalName(queue)}DeadLetters`, queue),
});

/** The event bus, and one queue for what was invoked asynchronously and failed for good. */
export const busResources = (): Resources => ({
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: PREFIX } },
  ...deadLetters(ASYNC_DEAD_LETTERS, '_async'),
  AsyncDeadLettersPolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: ASYNC_DEAD_LETTERS }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'UndeliveredEvents',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: arnOf(ASYNC_DEAD_LETTERS),
            Condition: {
              ArnLike: {
                'aws:SourceArn': {
                  'Fn::Sub': 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${Bus}/*',
                },
              },
            },
          },
        ],
      },
    },
  },
});

/** The one table, as the store's adapter defines it. It outlives the stack. */
export const tableResource = (): Resources => ({
  Table: {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      ...tableDefinition,
      TimeToLiveSpecification: timeToLiveSpecification,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
  },
});
