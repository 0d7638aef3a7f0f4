import { openGcp } from './hosts/gcp.ts';
import { scenario } from './scenario.ts';

scenario("Google's Functions Framework", 'gcp', ['HTTP function'], openGcp);
