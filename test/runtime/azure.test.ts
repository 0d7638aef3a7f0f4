import { openAzure } from './hosts/azure.ts';
import { scenario } from './scenario.ts';

scenario("Azure Functions' programming model", 'azure', ['HTTP trigger'], openAzure);
