import { HTTP_API, openAws, REST_API } from './hosts/aws.ts';
import { scenario } from './scenario.ts';

scenario('the Lambda runtime', 'aws', [HTTP_API, REST_API], openAws);
