import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { getLocale, getTranslations } from 'next-intl/server';
import { DocumentBlocks } from '#components/figuras/document-blocks.tsx';
import { authorize } from '#lib/access/caller.ts';
import { callerOf, requirePageSession } from '#lib/access/session.ts';
import { documentFigura } from '#lib/api/figura-documentation.ts';
import { AppError } from '#lib/errors.ts';
import { loadFigura } from '#lib/figura/figura-registry.ts';
import { getServices } from '#lib/services.ts';

interface DocumentationPageProps {
  params: Promise<{ figura: string }>;
}

/** Title of the tab: what it is, and of which figura. */
export async function generateMetadata({ params }: DocumentationPageProps): Promise<Metadata> {
  const t = await getTranslations('figuras.documentation');
  return { title: t('title', { name: decodeURIComponent((await params).figura) }) };
}

/** How to load a figura: the same document that the API gives as Markdown. */
export default async function DocumentationPage({ params }: DocumentationPageProps) {
  const { figura } = await params;
  const user = await requirePageSession(`/figuras/${figura}/documentacao`);
  const name = decodeURIComponent(figura);
  const [blocks, t] = await Promise.all([readDocumentation(user, name), getTranslations('figuras.documentation')]);
  return (
    <>
      <p className="mb-4 flex flex-wrap gap-x-5 gap-y-1">
        <Link href={`/figuras/${figura}`} className="text-accent hover:underline">
          {t('back')}
        </Link>
        <a href={`/api/figuras/${figura}/documentation`} className="text-accent hover:underline">
          {t('markdown')}
        </a>
      </p>
      <DocumentBlocks blocks={blocks} copyLabel={t('copy')} />
    </>
  );
}

/** A figura that is not there, that this person was not given, or whose table cannot be read has no page. */
async function readDocumentation(user: Parameters<typeof callerOf>[0], name: string) {
  const { pool, env } = getServices();
  try {
    authorize(callerOf(user), 'figura:read', name);
    const figura = await loadFigura(pool, name);
    return documentFigura(figura, {
      locale: await getLocale(),
      publicUrl: env.PUBLIC_URL,
      maxFileBytes: env.MAX_FILE_BYTES,
    });
  } catch (error) {
    if (error instanceof AppError && /^(figura|table)_not_/.test(error.code)) notFound();
    throw error;
  }
}
