import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import { type Answer, type Invocation, lineOf } from './invocation.ts';

/** Below `dist/aws`. */
export const fileOf = ({ declaration }: Pick<Invocation, 'declaration'>): string => `${declaration.name}/index.mjs`;

/** Calls the export that Lambda's `handler` setting names, with a context such as Lambda's. */
export async function invoke({ folder, declaration, trigger, event }: Invocation): Promise<Answer> {
  const handlers = (await import(pathToFileURL(`${folder}/${fileOf({ declaration })}`).href)) as Record<
    string,
    (event: unknown, context: Context) => Promise<unknown>
  >; // what the build makes: an export for each trigger
  const handler = handlers[trigger];
  if (!handler) throw new Error(`${declaration.name} was built without ${trigger}; build it again`);
  const functionName = `${declaration.name}-${trigger}`;
  const { memoryMb, timeoutSeconds } = declaration.limits;
  const deadline = Date.now() + timeoutSeconds * 1000;
  const context: Context = {
    awsRequestId: randomUUID(),
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:123456789012:function:${functionName}`,
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'invoke',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    // Callback style is gone from Lambda's Node.js 24; the type still names it.
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
  try {
    return { value: (await handler(event, context)) ?? null };
  } catch (thrown) {
    return { value: null, failure: lineOf(thrown) };
  }
}
