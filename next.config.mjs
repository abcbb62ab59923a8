import createNextIntlPlugin from 'next-intl/plugin';

const withNextIntl = createNextIntlPlugin('./lib/i18n/request.ts');

/** Node modules that parquetjs-lite asks for, in the browser. */
const shim = (name) => ({ browser: `./lib/formats/browser-shims/${name}.ts` });

/** @type {import('next').NextConfig} */
const nextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Native code and files of their own: Node loads these, the bundler leaves them alone.
  serverExternalPackages: ['@duckdb/node-api', 'pg', 'graphile-worker', 'avsc', 'rate-limiter-flexible'],
  // `npm test` checks types with tsc before it builds; a second pass here would only take time.
  typescript: { ignoreBuildErrors: true },
  turbopack: {
    resolveAlias: { fs: shim('fs'), stream: shim('stream'), util: shim('util'), zlib: shim('zlib') },
  },
  async headers() {
    return [
      {
        source: '/:path*',
        headers: [
          { key: 'X-Content-Type-Options', value: 'nosniff' },
          { key: 'X-Frame-Options', value: 'DENY' },
          { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
        ],
      },
    ];
  },
};

export default withNextIntl(nextConfig);
