import { AppError, UnavailableError } from '../errors.ts';
import { usageError } from './arguments.ts';

export const CLIENT_OPTIONS = {
  url: { type: 'string' },
  key: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export interface Client {
  get(path: string): Promise<unknown>;
  post(path: string, body?: unknown): Promise<unknown>;
}

const TIMEOUT_MS = 30_000;

/** Asks a desk over its API. Errors are the desk's own words. */
export function openClient(values: { url?: string | undefined; key?: string | undefined }): Client {
  const url = values.url ?? process.env['TRIFOLD_URL'] ?? 'http://127.0.0.1:8787';
  const key = values.key ?? process.env['TRIFOLD_API_KEY'];
  if (!URL.canParse(url)) throw usageError(`--url must be a URL such as http://127.0.0.1:8787`);
  async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers: Record<string, string> = {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    let answer: Response;
    try {
      answer = await fetch(new URL(path, url), {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      throw new UnavailableError(`The desk at ${url}`, 'unknown', { cause });
    }
    const text = await answer.text();
    if (answer.ok) return text === '' ? undefined : JSON.parse(text);
    throw new AppError('refused', detailOf(text) ?? `The desk answered ${answer.status}`, { status: answer.status });
  }
  return { get: (path) => ask('GET', path), post: (path, body) => ask('POST', path, body) };
}

function detailOf(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown }; // a problem document, if it is ours
    return typeof detail === 'string' ? detail : undefined;
  } catch {
    return undefined;
  }
}
