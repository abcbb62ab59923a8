import type { Metadata } from 'next';
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
  return (
    <EntryFrame title={t('title')} lead={shell('tagline')}>
      <LoginForm
        goOnTo={ownPath(callbackUrl)}
        provider={env.OIDC_ISSUER ? env.OIDC_NAME : null}
        // What next-auth says of a person whom the provider knows and this service does not; else of the provider.
        arrival={
          error === 'AccessDenied' ? 'unknown' : /^(OAuth|Callback)/.test(String(error ?? '')) ? 'provider' : null
        }
      />
    </EntryFrame>
  );
}
