import { azureDriver } from './azure.ts';
import { conformance } from './suite.ts';

conformance('Azure', 'azure', azureDriver);
