import {
  CreateTableCommand,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { tableDefinition, timeToLiveSpecification } from './table.ts';

/** Makes the table and waits, at most a minute, until it takes requests; for tests and development. */
export async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  await client.send(new CreateTableCommand({ TableName: table, ...tableDefinition }));
  await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 60 }, { TableName: table });
  await client.send(
    new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: timeToLiveSpecification }),
  );
}
