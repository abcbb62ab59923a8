import { type NextRequest, NextResponse } from 'next/server';
import { PAGE_QUERY_HEADER } from '#lib/access/page-query.ts';

/**
 * Gives every page its Content Security Policy. It decides nothing about who may see what: each page and each handler
 * asks for itself.
 */
export function proxy(request: NextRequest): NextResponse {
  const policy = contentSecurityPolicy(btoa(crypto.randomUUID()));
  const headers = new Headers(request.headers);
  // Next reads the nonce from the request's own policy and gives it to the scripts it writes.
  headers.set('content-security-policy', policy);
  const query = new URLSearchParams(request.nextUrl.search);
  // Next's own, on the way from page to page.
  query.delete('_rsc');
  headers.set(PAGE_QUERY_HEADER, query.size > 0 ? `?${query}` : '');
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

export const config = {
  // Never /api: Next cuts bodies at 10 MB, without a word, wherever a proxy looks.
  matcher: ['/((?!api/|_next/|samples/|icon\\.svg).*)'],
};

/**
 * Scripts run only with this answer's nonce, or when such a script loads them; nothing is fetched from elsewhere, but
 * files go straight to the bucket. Style attributes are allowed: bars have their width there, and they run nothing.
 */
function contentSecurityPolicy(nonce: string): string {
  // biome-ignore lint/style/noProcessEnv: Next's own switch; the development server builds its scripts with eval
  const evaluation = process.env.NODE_ENV === 'development' ? " 'unsafe-eval'" : '';
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evaluation}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "worker-src 'self'",
    `connect-src 'self' ${bucketOrigins().join(' ')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Where presigned addresses lead. */
function bucketOrigins(): string[] {
  // biome-ignore lint/style/noProcessEnv: the same variables that the AWS SDK reads by itself
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, S3_BUCKET } = process.env;
  const endpoint = AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL;
  if (endpoint && URL.canParse(endpoint)) return [new URL(endpoint).origin];
  const region = AWS_REGION || 'us-east-1';
  return [`https://${S3_BUCKET}.s3.${region}.amazonaws.com`, `https://s3.${region}.amazonaws.com`];
}
