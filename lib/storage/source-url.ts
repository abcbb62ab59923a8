import { AppError } from '../errors.ts';

/** Where an object lies. */
export interface ObjectAddress {
  bucket: string;
  key: string;
}

/** What jobs may read, and by which addresses the bucket is known. */
export interface SourceRules {
  bucket: string;
  /** Further `bucket` or `bucket/prefix` entries. */
  allowedSources: readonly string[];
  /** The S3 endpoint's address; unset: AWS itself. */
  endpoint?: string;
  region: string;
}

function refuse(url: string, reason: string): never {
  // Only the address without its query: a presigned one carries a signature.
  throw new AppError('source_not_allowed', `${reason}: ${url.split('?')[0]}`, {
    details: { url: url.split('?')[0]?.slice(0, 300) ?? '', reason },
  });
}

function decodeKey(url: string, encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return refuse(url, 'malformed');
  }
}

/** Bucket and key of an http(s) address in path or virtual-host style; null when the host is not the bucket's. */
function fromHttp(url: string, parsed: URL, rules: SourceRules): ObjectAddress | null {
  const path = parsed.pathname.slice(1);
  const inPath = (): ObjectAddress | null => {
    const slash = path.indexOf('/');
    if (slash <= 0) return null;
    return { bucket: decodeKey(url, path.slice(0, slash)), key: decodeKey(url, path.slice(slash + 1)) };
  };
  const inHost = (suffix: string): ObjectAddress | null => {
    const host = parsed.host.toLowerCase();
    if (!host.endsWith(`.${suffix}`)) return null;
    return { bucket: host.slice(0, -suffix.length - 1), key: decodeKey(url, path) };
  };
  if (rules.endpoint) {
    const endpoint = new URL(rules.endpoint);
    if (parsed.protocol !== endpoint.protocol) return null;
    return parsed.host.toLowerCase() === endpoint.host.toLowerCase() ? inPath() : inHost(endpoint.host.toLowerCase());
  }
  if (parsed.protocol !== 'https:') return null;
  for (const host of [`s3.${rules.region}.amazonaws.com`, 's3.amazonaws.com']) {
    if (parsed.host.toLowerCase() === host) return inPath();
    const found = inHost(host);
    if (found) return found;
  }
  return null;
}

/**
 * Parses the address of an object: `s3://bucket/key`, or http(s) in an allowed bucket, presigned or not. Nothing is
 * ever fetched from it: the object is read by bucket and key with the service's own credentials.
 * @throws AppError `source_not_allowed`
 */
export function parseSourceUrl(url: string, rules: SourceRules): ObjectAddress {
  // Checked before any URL parser may tidy it away: a key that climbs is never what an honest client meant.
  const path = url.split(/[?#]/)[0] ?? '';
  if (/(^|[/\\])(\.|%2e){1,2}([/\\]|$)/i.test(path) || /%25|\\|%5c|%00|[\0-\x1f]/i.test(path)) refuse(url, 'malformed');
  let address: ObjectAddress | null = null;
  const s3 = /^s3:\/\/([^/?#@:]+)\/(.+)$/i.exec(url);
  if (s3) {
    // An s3:// address is not a URL: its key stands there as it is, without any encoding.
    address = { bucket: s3[1] ?? '', key: s3[2] ?? '' };
  } else if (/^https?:\/\//i.test(url)) {
    const parsed = URL.parse(url);
    if (!parsed || parsed.username || parsed.password) refuse(url, 'malformed');
    address = fromHttp(url, parsed, rules);
  }
  if (!address?.bucket || !address.key) refuse(url, 'not_a_source');
  // Once more on the key itself: what an encoding or a query hid from the look at the address.
  if (/(^|[/\\])\.{1,2}([/\\]|$)|%2e|%2f|%5c/i.test(address.key)) refuse(url, 'malformed');
  if (address.bucket === rules.bucket) return address;
  for (const entry of rules.allowedSources) {
    const slash = entry.indexOf('/');
    const bucket = slash < 0 ? entry : entry.slice(0, slash);
    const prefix = slash < 0 ? '' : entry.slice(slash + 1).replace(/\/*$/, '/');
    if (bucket === address.bucket && address.key.startsWith(prefix === '/' ? '' : prefix)) return address;
  }
  return refuse(url, 'bucket_not_allowed');
}
