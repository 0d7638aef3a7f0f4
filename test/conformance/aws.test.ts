import { awsDriver } from './aws.ts';
import { conformance } from './suite.ts';

conformance('AWS, HTTP API payload 2.0', 'aws', (bench) => awsDriver(bench, 'v2'));
conformance('AWS, REST API payload 1.0', 'aws', (bench) => awsDriver(bench, 'v1'));
