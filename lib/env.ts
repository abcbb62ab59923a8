import { z } from 'zod';

/** Environment variables as a process hands them over. */
export type EnvSource = Record<string, string | undefined>;

const GIBIBYTE = 1024 ** 3;
const port = z.coerce.number().int().min(0).max(65535);
const flag = z.stringbool();
const authSecret = z.string().min(32, 'needs at least 32 characters');
const commaList = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  );

// A token that travels in the clear is anybody's; only a provider on this very machine may do without TLS.
const isSafeIssuer = (address: string) =>
  /^https:/.test(address) || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(`${address}/`);

const base = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  S3_BUCKET: z.string().min(1),
  S3_ALLOWED_SOURCES: commaList,
  AWS_REGION: z.string().min(1).default('us-east-1'),
  AWS_ENDPOINT_URL_S3: z.url().optional(),
  MAX_FILE_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(5 * GIBIBYTE),
  /** Where temporary files go; the system's own folder when unset. */
  CARGA_TEMP_DIR: z.string().optional(),
  CARGA_DATA_DIR: z.string().default('.carga'),
  /** Hosts (`name` or `name:port`) that webhooks may reach though their addresses are not public. */
  WEBHOOK_ALLOWED_HOSTS: commaList,
};

const web = z.object({
  ...base,
  /** The owner of our tables, where the role of DATABASE_URL is another: used for migrations only. */
  CARGA_MIGRATION_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  PORT: port.default(3000),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: z.url().optional(),
  AUTH_SECRET: authSecret,
  CARGA_ADMIN_EMAIL: z.string().default('admin@localhost'),
  CARGA_ADMIN_PASSWORD: z.string().min(8).optional(),
  CARGA_API_KEY: z.string().min(16, 'needs at least 16 characters').optional(),
  /** Calls one API key may make in a minute, counted by each web process: 200 a second stop a loop, no program. */
  RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(1).default(12_000),
  /** Addresses of reverse proxies whose X-Forwarded-For is believed; nobody's unless set. */
  TRUSTED_PROXIES: commaList,
  /** An identity provider (OpenID Connect): its address, and what it knows this service by. */
  OIDC_ISSUER: z.url().refine(isSafeIssuer, 'needs to be an https address').optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** What the button of the login page calls it. */
  OIDC_NAME: z.string().max(60).default('SSO'),
  OIDC_SCOPE: z.string().default('openid email profile'),
  /** Domains of e-mail addresses whose people come in without an invitation, as viewers without figuras. */
  OIDC_ALLOWED_DOMAINS: commaList,
  /** Whether the provider's e-mail addresses count as verified though it does not say so. */
  OIDC_TRUST_EMAIL: flag.default(false),
  /** The provider's claim that says who has which role, by the names of OIDC_ROLES; nobody's role comes from there unless set. */
  OIDC_ROLE_CLAIM: z.string().min(1).optional(),
  /** `name=role`: what the claim's values mean. */
  OIDC_ROLES: commaList.transform((entries, context) =>
    entries.map((entry) => {
      const [, name = '', role = ''] = /^(.+)=(admin|operator|viewer)$/.exec(entry) ?? [];
      if (name === '') context.addIssue({ code: 'custom', message: `${entry} is not of the form name=role` });
      return { name: name.trim(), role: role as 'admin' | 'operator' | 'viewer' };
    }),
  ),
  /** The provider's claim that names the figuras a person is given; given here unless set. */
  OIDC_FIGURAS_CLAIM: z.string().min(1).optional(),
  /** Whether signing out here ends the session at the provider as well, where it knows how. */
  OIDC_LOGOUT: flag.default(true),
});

const webWithProvider = web
  .refine((env) => !env.OIDC_ISSUER || (env.OIDC_CLIENT_ID !== undefined && env.OIDC_CLIENT_SECRET !== undefined), {
    path: ['OIDC_ISSUER'],
    message: 'needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET',
  })
  .refine((env) => (env.OIDC_ROLE_CLAIM !== undefined) === env.OIDC_ROLES.length > 0, {
    path: ['OIDC_ROLE_CLAIM'],
    message: 'needs OIDC_ROLES, and the other way round',
  });

const worker = z.object({
  ...base,
  /** As the web server's: what it sealed is opened with it. Left out, the one kept in the data folder is taken. */
  AUTH_SECRET: authSecret.optional(),
  /** The one before, while the secrets of webhooks are still sealed with it. */
  AUTH_SECRET_PREVIOUS: authSecret.optional(),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
  /** Rows in a chunk; a file of twice as many is staged in chunks, by every worker that has a slot free. */
  CARGA_CHUNK_ROWS: z.coerce.number().int().min(1).default(1_000_000),
  /** Names of the steps at which a test makes this worker stop or die; see worker/failpoints.ts. */
  CARGA_FAILPOINTS: z.string().optional(),
  CARGA_LOG_DEBUG: flag.default(false),
  /** Set by the launcher: standard input then closes when the launcher dies. */
  CARGA_SUPERVISED: flag.default(false),
});

/** Settings of the web process. `PUBLIC_URL` is always filled and has no slash at its end. */
export type WebEnv = Omit<z.infer<typeof web>, 'PUBLIC_URL'> & { PUBLIC_URL: string };
/** Settings of a worker process. */
export type WorkerEnv = z.infer<typeof worker>;

/** A setting that is missing or wrong; the message names each one. */
export class EnvError extends Error {
  override name = 'EnvError';
}

function read<T>(schema: z.ZodType<T>, source: EnvSource): T {
  // An empty string is an unset variable: compose files and CI systems write it so.
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EnvError(`Settings are missing or wrong:\n  ${faults.join('\n  ')}`);
}

/** Reads the web process's settings. @throws EnvError naming every fault. */
export function readWebEnv(source: EnvSource): WebEnv {
  const env = read(webWithProvider, source);
  return { ...env, PUBLIC_URL: (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/+$/, '') };
}

/** Reads a worker's settings. @throws EnvError naming every fault. */
export function readWorkerEnv(source: EnvSource): WorkerEnv {
  return read(worker, source);
}
