import { Agent, type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * Stands in for `rapid-client.node`, the native client of `aws-lambda-ric`, over node:http. The names and arguments are
 * those that the runtime calls: `next()`, `done(id, body)`, `error(id, body, cause)`.
 */
const [hostname, port] = (process.env['AWS_LAMBDA_RUNTIME_API'] ?? '').split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** The native client blocks until a report has left; here the next invocation waits for it. */
let reported: Promise<unknown> = Promise.resolve();

/** Waits for the next invocation, as long as it takes. */
export async function next(): Promise<{ bodyJson: string; headers: IncomingHttpHeaders }> {
  await reported;
  return call({ method: 'GET', path: 'next' });
}

/** Reports a response; `body` is JSON. */
export function done(id: string, body: string): void {
  report(`${id}/response`, body, {});
}

/** Reports a failure; `body` and `cause` are JSON. */
export function error(id: string, body: string, cause: string): void {
  const { errorType } = JSON.parse(body) as { errorType: string }; // the runtime's own error format
  report(`${id}/error`, body, {
    'lambda-runtime-function-error-type': errorType,
    'lambda-runtime-function-xray-error-cause': cause,
  });
}

function report(path: string, body: string, headers: Record<string, string>): void {
  const length = Buffer.byteLength(body);
  const options = {
    method: 'POST',
    path,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': length },
  };
  // The native client ignores a report that does not arrive, and so does this one.
  reported = call(options, body).catch(() => undefined);
}

function call(options: RequestOptions, body?: string): Promise<{ bodyJson: string; headers: IncomingHttpHeaders }> {
  const path = `/2018-06-01/runtime/invocation/${options.path}`;
  return new Promise((resolve, reject) => {
    request({ ...options, hostname, port, path, agent }, (response) => {
      text(response).then((bodyJson) => resolve({ bodyJson, headers: response.headers }), reject);
    })
      .on('error', reject)
      .end(body);
  });
}
