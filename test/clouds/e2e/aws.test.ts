import { openServices } from './aws.ts';
import { endToEnd } from './suite.ts';

await endToEnd('Lambda with DynamoDB, SQS, EventBridge and S3 (moto)', 'aws', openServices);
