import { type Peer, startPeer } from './google-server.ts';

export interface MetadataPeer extends Peer {
  /** `host:port`, as in `GCE_METADATA_HOST`. */
  readonly host: string;
  /** Tokens handed out so far. */
  tokens(): number;
  /** Seconds that the next tokens live. */
  expiresIn: number;
  /** The next answers, whatever is asked. */
  broken: number;
}

/** The metadata server's part about the own service account: https://cloud.google.com/compute/docs/metadata/overview */
export async function startMetadataServer(email: string): Promise<MetadataPeer> {
  let tokens = 0;
  const base = '/computeMetadata/v1/instance/service-accounts/default';
  const peer = await startPeer(({ url, headers }) => {
    if (headers['metadata-flavor'] !== 'Google') return { status: 403, body: 'Missing Metadata-Flavor:Google header.' };
    if (metadata.broken > 0) {
      metadata.broken -= 1;
      return { status: 503, body: 'busy' };
    }
    const answer = { 'metadata-flavor': 'Google' };
    if (url.pathname === `${base}/email`) return { status: 200, headers: answer, body: email };
    if (url.pathname !== `${base}/token`) return { status: 404, body: 'no such thing' };
    tokens += 1;
    const body = { access_token: `token-${tokens}`, expires_in: metadata.expiresIn, token_type: 'Bearer' };
    return { status: 200, headers: answer, body };
  });
  const metadata: MetadataPeer = {
    ...peer,
    host: new URL(peer.url).host,
    tokens: () => tokens,
    expiresIn: 3_599,
    broken: 0,
  };
  return metadata;
}
