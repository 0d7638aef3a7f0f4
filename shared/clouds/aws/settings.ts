import { anyText, some, url, type Variables } from '../../settings.ts';

/** What the AWS adapters read; serverless.yml sets all of it. */
export const AWS = {
  table: { name: 'TRIFOLD_TABLE', about: 'DynamoDB table', expected: 'its name', read: some },
  queuePrefix: {
    name: 'TRIFOLD_QUEUE_PREFIX',
    about: 'What stands before the name of a queue in its SQS URL',
    expected: 'https://sqs.<region>.amazonaws.com/<account>/<prefix>',
    read: url,
  },
  bus: { name: 'TRIFOLD_BUS', about: 'EventBridge bus', expected: 'its name', read: some },
  bucket: { name: 'TRIFOLD_BUCKET', about: 'S3 bucket', expected: 'its name', read: some },
  secretPrefix: {
    name: 'TRIFOLD_SECRET_PREFIX',
    about: 'What stands before the names of secrets',
    fallback: 'trifold/',
    expected: 'any text',
    read: anyText,
  },
} as const satisfies Variables;
