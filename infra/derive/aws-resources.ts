/** `ticketsUrgent` → `TicketsUrgent`: CloudFormation's logical ids are letters and digits. */
export const logicalName = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const PREFIX = '${self:service}-${sls:stage}';
/** SQS keeps a message 14 days at most. */
const KEEP_SECONDS = 14 * 24 * 3600;
/** The desk buries after `TRIFOLD_MAX_ATTEMPTS`; this net is for what it could not bury. */
const MAX_RECEIVES = 20;

export const deadLettersOf = (queue: string) => ({ 'Fn::GetAtt': [`${logicalName(queue)}DeadLetters`, 'Arn'] });

const deadLetters = (queue: string) => ({
  [`${logicalName(queue)}DeadLetters`]: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `${PREFIX}-${queue}-dead`,
      MessageRetentionPeriod: KEEP_SECONDS,
      SqsManagedSseEnabled: true,
    },
  },
});

/** A queue, with the cloud's own dead letters as the last net below the desk's. */
export const queueResources = (queue: string, timeoutSeconds: number) => ({
  [`${logicalName(queue)}Queue`]: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `${PREFIX}-${queue}`,
      MessageRetentionPeriod: KEEP_SECONDS,
      // Six times the function's time-out: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      VisibilityTimeout: timeoutSeconds * 6,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: deadLettersOf(queue), maxReceiveCount: MAX_RECEIVES },
    },
  },
  ...deadLetters(queue),
});

/** The event bus, and the dead letters of functions that it invokes. */
export const busResources = () => ({
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: PREFIX } },
  ...deadLetters('bus'),
});
