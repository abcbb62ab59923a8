import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { LoginForm } from '#components/access/login-form.tsx';
import { ownPath } from '#components/access/own-path.ts';
import { LanguageSwitch } from '#components/shell/language-switch.tsx';
import { Logo } from '#components/shell/logo.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('login'))('title') };
}

/** Signing in, then on to where the person was going. */
export default async function LoginPage({
  searchParams,
}: {
  searchParams: Promise<{ callbackUrl?: string | string[] }>;
}) {
  const [{ callbackUrl }, t, shell] = await Promise.all([
    searchParams,
    getTranslations('login'),
    getTranslations('shell'),
  ]);
  return (
    <main className="mx-auto grid min-h-dvh w-full max-w-sm content-center gap-6 px-4 py-10">
      <div className="flex items-center justify-between">
        <p className="flex items-center gap-2 font-semibold text-lg tracking-tight">
          <Logo />
          {shell('product')}
        </p>
        <LanguageSwitch />
      </div>
      <div className="rounded-box border bg-surface p-6">
        <h1 className="font-semibold text-2xl tracking-tight">{t('title')}</h1>
        <p className="mt-1 mb-5 text-muted">{shell('tagline')}</p>
        <LoginForm goOnTo={ownPath(callbackUrl)} />
      </div>
    </main>
  );
}
