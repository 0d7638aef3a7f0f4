import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A team's own server, to which escalations are posted. */
export interface WebhookReceiver {
  readonly url: string;
  readonly received: Received[];
  /** From now on answers with this status. */
  answer(status: number): void;
  /** Refuses connections until `open`. */
  close(): Promise<void>;
  open(): Promise<void>;
}

export async function openWebhookReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  let status = 200;
  let port = 0;
  let server: Server | undefined;

  const open = async () => {
    const opened = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        response.writeHead(status, { connection: 'close' }).end();
      });
    });
    await new Promise<void>((resolve) => opened.listen(port, '127.0.0.1', resolve));
    port = (opened.address() as AddressInfo).port; // a TCP server's address has this form
    server = opened;
  };
  await open();
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer: (next) => {
      status = next;
    },
    close: async () => {
      const closing = server;
      server = undefined;
      if (closing) await new Promise((resolve) => closing.close(resolve));
    },
    open,
  };
}

/** Whether a signature header is that of the body under the secret, as a receiver checks it. */
export function isSigned({ headers, body }: Received, secret: string): boolean {
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-trifold-signature'])) ?? [];
  return signature === createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
}
