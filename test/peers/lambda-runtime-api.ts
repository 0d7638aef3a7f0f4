import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What a Lambda function reported for one invocation; the body is what the invoker would receive. */
export interface LambdaReport {
  readonly kind: 'response' | 'error';
  readonly body: string;
}

/** The Lambda Runtime API on a free port of the loopback interface, for one execution environment. */
export interface LambdaRuntimeApi {
  /** For `AWS_LAMBDA_RUNTIME_API`. */
  readonly host: string;
  /** Settles with nothing when the runtime asks for its first invocation, or with what it reported in place of that. */
  readonly initialised: Promise<string | undefined>;
  /** Gives the runtime one event. One at a time, as an execution environment has it. */
  invoke(event: unknown, options: { deadlineMs: number }): Promise<LambdaReport>;
  stop(): Promise<void>;
}

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:trifold-test';
const TRACE_ID = 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1';
/** 6 MB and room for the envelope: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_RESPONSE_BYTES = 6_291_556;

interface Job {
  readonly id: string;
  readonly event: string;
  readonly deadlineMs: number;
  report(report: LambdaReport): void;
}

/**
 * Starts the peer. It speaks https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html: next invocation,
 * response (buffered or streamed with an error in its trailer), invocation error, initialisation error.
 */
export async function startLambdaRuntimeApi(): Promise<LambdaRuntimeApi> {
  const initialised = Promise.withResolvers<string | undefined>();
  let waiting: ServerResponse | undefined;
  let job: Job | undefined;

  const handOver = () => {
    if (!waiting || !job) return;
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': job.id,
      'lambda-runtime-deadline-ms': String(job.deadlineMs),
      'lambda-runtime-invoked-function-arn': FUNCTION_ARN,
      'lambda-runtime-trace-id': TRACE_ID,
    });
    waiting.end(job.event);
    waiting = undefined;
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.replace('/2018-06-01/runtime/', '') ?? '';
    if (request.method === 'GET' && path === 'invocation/next') {
      initialised.resolve(undefined);
      waiting = response;
      return handOver();
    }
    const body = await buffer(request);
    if (path === 'init/error') {
      initialised.resolve(body.toString());
      return answer(response, 202, { status: 'OK' });
    }
    const [, id, kind] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (kind === undefined) return answer(response, 404, { errorType: 'NotFound', errorMessage: path });
    if (!job || id !== job.id) {
      return answer(response, 400, { errorType: 'InvalidRequestID', errorMessage: `Invalid request ID: ${id}` });
    }
    const { report } = job;
    job = undefined;
    const limit = `maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
    if (body.length > MAX_RESPONSE_BYTES) {
      const errorMessage = `Response payload size exceeded ${limit}`;
      report({ kind: 'error', body: JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage }) });
      return answer(response, 413, { errorType: 'RequestEntityTooLarge', errorMessage: `Exceeded ${limit}` });
    }
    // A streamed response that breaks off says so behind its body.
    const isError = kind === 'error' || request.trailers['lambda-runtime-function-error-type'] !== undefined;
    report({ kind: isError ? 'error' : 'response', body: body.toString() });
    answer(response, 202, { status: 'OK' });
  };

  // The runtime waits for its next invocation as long as it takes.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (request, response) => {
    route(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // always an AddressInfo for a TCP server that listens

  return {
    host: `127.0.0.1:${port}`,
    initialised: initialised.promise,
    invoke: (event, { deadlineMs }) =>
      new Promise((report, refuse) => {
        if (job) return refuse(new Error('an execution environment takes one invocation at a time'));
        job = { id: randomUUID(), event: JSON.stringify(event), deadlineMs, report };
        handOver();
      }),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(response: ServerResponse, status: number, body: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
