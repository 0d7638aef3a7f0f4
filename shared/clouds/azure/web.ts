import type { HttpResponseInit } from '@azure/functions';
import type { Answer } from '../../http/exchange.ts';

/** Azure's own request is an `Incoming` as it stands; only the answer has another shape. */
export const fromAnswer = ({ status, headers, body }: Answer): HttpResponseInit => ({
  status,
  headers: { ...headers },
  ...(status === 204 ? {} : { body }),
});
