import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import { getLocale, getMessages, getTimeZone, getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import { isTheme, THEME_COOKIE } from '#components/shell/theme.ts';
import './globals.css';
import { Providers } from './providers.tsx';

/** Title of pages without one of their own, and the pattern of the others. */
export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('shell');
  return {
    title: { default: t('product'), template: `%s · ${t('product')}` },
    description: t('tagline'),
    robots: { index: false, follow: false },
    formatDetection: { telephone: false },
  };
}

export const viewport: Viewport = { colorScheme: 'light dark', width: 'device-width', initialScale: 1 };

/** The document: language and theme are known on the server, so that nothing flashes. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, messages, timeZone, jar] = await Promise.all([getLocale(), getMessages(), getTimeZone(), cookies()]);
  const theme = jar.get(THEME_COOKIE)?.value;
  // Faults of rows and of request fields, and figuras' documentation, are put into words by the server.
  const { rowFaults: _rows, fieldFaults: _fields, documentation: _documentation, ...pageMessages } = messages;
  return (
    <html lang={locale} data-theme={isTheme(theme) ? theme : undefined}>
      <body className="min-h-dvh antialiased">
        <Providers locale={locale} messages={pageMessages} timeZone={timeZone} now={Date.now()}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
