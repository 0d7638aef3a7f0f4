import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { toClaimCheck } from '../../claim-check.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Queue, QueueMessage } from '../../ports/queue.ts';
import type { RetryOptions } from '../retries.ts';
import { sendBatches, toBatches } from './batches.ts';
import { type ClientOptions, clientConfig, lazyClient, within } from './clients.ts';
import { createRetrying } from './retry.ts';

export interface QueueOptions extends ClientOptions, RetryOptions {
  /**
   * What stands before a queue's name in its URL, so that no request is needed to learn it:
   * `https://sqs.<region>.amazonaws.com/<account>/<prefix>`.
   */
  readonly urlPrefix: string;
  /** Where bodies over the limit wait (`shared/claim-check.ts`). */
  readonly objects: Pick<Objects, 'put'>;
  /** Bytes over which a body waits in `objects`; the queue's `MaximumMessageSize`, 1 MiB unless told otherwise. */
  readonly messageBytes?: number;
  /** Batches under way at the same time; 8 unless told otherwise. */
  readonly parallel?: number;
}

/**
 * 10 messages and 1 MiB a request, 1 MiB a message since August 2025:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
export const SQS_LIMITS = { count: 10, bytes: 1_048_576 } as const;

/** Sends to SQS standard queues. */
export function createQueue(options: QueueOptions): Queue {
  const { urlPrefix, objects, messageBytes = SQS_LIMITS.bytes, parallel = 8 } = options;
  const client = lazyClient(() => new SQSClient(clientConfig(options)));
  const call = { what: 'The queue', operation: 'SendMessageBatch', parallel };
  const retrying = createRetrying(call.what, client.renew, options);
  return {
    async send(queue, messages) {
      const ready = await Promise.all(messages.map((message) => toClaimCheck(toSqs(message), objects, messageBytes)));
      const batches = toBatches(ready, ({ body }) => Buffer.byteLength(body), SQS_LIMITS);
      const send = async (batch: readonly QueueMessage[], ms: number) => {
        const Entries = batch.map(({ body }, i) => ({ Id: String(i), MessageBody: body }));
        const command = new SendMessageBatchCommand({ QueueUrl: urlPrefix + queue, Entries });
        const { Failed = [] } = await client.get().send(command, within(ms));
        return Failed.map(({ Id, Code, SenderFault }) => {
          return { index: Number(Id), code: Code ?? 'InternalError', final: SenderFault === true };
        });
      };
      await sendBatches({ ...call, retrying, batches, send });
    },
    close: client.close,
  };
}

/** SQS takes the characters of XML alone. JSON text may hold two others, in strings, where an escape means the same. */
function toSqs(message: QueueMessage): QueueMessage {
  if (!/[\ufffe\uffff]/.test(message.body)) return message;
  return { ...message, body: message.body.replace(/[\ufffe\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`) };
}
