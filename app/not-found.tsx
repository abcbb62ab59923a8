import { getTranslations } from 'next-intl/server';
import { EntryFrame } from '#components/access/entry-frame.tsx';
import { ButtonLink } from '#components/ui/button.tsx';

/** An address where nothing is. */
export default async function NotFound() {
  const t = await getTranslations('notFound');
  return (
    <EntryFrame title={t('title')} lead={t('lead')}>
      <ButtonLink look="primary" href="/">
        {t('home')}
      </ButtonLink>
    </EntryFrame>
  );
}
