import { getTranslations } from 'next-intl/server';
import { ButtonLink } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';

/** An address where nothing is. */
export default async function NotFound() {
  const t = await getTranslations('notFound');
  return (
    <main className="mx-auto max-w-xl px-4 py-16">
      <EmptyState
        icon="search"
        title={t('title')}
        lead={t('lead')}
        action={
          <ButtonLink look="primary" href="/importar">
            {t('home')}
          </ButtonLink>
        }
      />
    </main>
  );
}
