import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { getTranslations } from 'next-intl/server';
import { EntryFrame } from '#components/access/entry-frame.tsx';
import { LoginForm } from '#components/access/login-form.tsx';
import { ownPath } from '#components/access/own-path.ts';
import { getServices } from '#lib/services.ts';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('login'))('title') };
}

/** Signing in, then on to where the person was going. */
export default async function LoginPage({
  searchParams,
}: {
  searchParams: Promise<{ callbackUrl?: string | string[]; error?: string | string[] }>;
}) {
  const [{ callbackUrl, error }, t, shell] = await Promise.all([
    searchParams,
    getTranslations('login'),
    getTranslations('shell'),
  ]);
  const { env } = getServices();
  const goOnTo = await wayOn(callbackUrl, error !== undefined, new URL(env.PUBLIC_URL).origin);
  return (
    <EntryFrame title={t('title')} lead={shell('tagline')}>
      <LoginForm
        goOnTo={goOnTo}
        provider={env.OIDC_ISSUER ? env.OIDC_NAME : null}
        // What next-auth says of a person whom the provider knows and this service does not; else of the provider.
        arrival={
          error === 'AccessDenied' ? 'unknown' : /^(OAuth|Callback)/.test(String(error ?? '')) ? 'provider' : null
        }
      />
    </EntryFrame>
  );
}

/**
 * Where somebody was going. Whom the identity provider sent back next-auth leads here with a whole address, or, where
 * this service refused them, with none: then it is in its cookie still.
 */
async function wayOn(callbackUrl: string | string[] | undefined, isRefused: boolean, origin: string): Promise<string> {
  const jar = await cookies();
  const kept = ['__Secure-next-auth.callback-url', 'next-auth.callback-url'].map((name) => jar.get(name)?.value);
  const wish = callbackUrl ?? (isRefused ? kept.find((value) => value !== undefined) : undefined);
  return ownPath(typeof wish === 'string' && wish.startsWith(`${origin}/`) ? wish.slice(origin.length) : wish);
}
