import { localDriver } from './local.ts';
import { conformance } from './suite.ts';

conformance('local', 'local', localDriver);
