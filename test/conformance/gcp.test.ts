import { gcpDriver } from './gcp.ts';
import { conformance } from './suite.ts';

conformance('Google Cloud', 'gcp', gcpDriver);
