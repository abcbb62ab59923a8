import { useTranslations } from 'next-intl';
import { EmptyState } from '#components/ui/empty-state.tsx';

/** In place of a page that only administrators see. */
export function AdministratorsOnly() {
  const t = useTranslations('common');
  return <EmptyState isPage icon="stop" title={t('administratorsOnly')} lead={t('administratorsOnlyLead')} />;
}
