'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Ago } from '#components/ui/moment.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import type { UserDto } from '#lib/api-client/create-api-client.ts';

/** People with their role, their figuras and their last log-in. */
export function UserTable(props: {
  users: UserDto[];
  onChange: (user: UserDto) => void;
  onDisable: (user: UserDto) => void;
  onEnable: (user: UserDto) => void;
  onLink: (user: UserDto) => void;
}) {
  const t = useTranslations('users');
  const keys = useTranslations('keys');
  const roles = useTranslations('shell.roles');
  return (
    <RecordTable
      caption={t('title')}
      items={props.users}
      keyOf={({ id }) => id}
      columns={[
        {
          head: t('name'),
          className: 'wrap-anywhere',
          cell: (user) => (
            <>
              {user.name}
              <p className="text-muted text-sm">{user.email}</p>
              <div className="mt-1 sm:hidden">
                <UserState user={user} />
              </div>
            </>
          ),
        },
        { head: t('state'), from: 'sm', cell: (user) => <UserState user={user} />, fact: () => null },
        { head: t('role'), from: 'sm', cell: ({ role }) => roles(role) },
        {
          head: keys('figuras'),
          from: 'lg',
          className: 'wrap-anywhere max-w-56',
          cell: ({ figuras, role }) =>
            figuras.includes('*') || role === 'admin' ? keys('allFiguras') : figuras.join(', ') || t('noFigura'),
        },
        {
          head: t('lastLogin'),
          from: 'md',
          cell: ({ lastLoginAt }) =>
            lastLoginAt === null ? <span className="text-muted">{t('never')}</span> : <Ago at={lastLoginAt} />,
        },
        {
          head: keys('action'),
          isAction: true,
          cell: (user) => {
            const isDisabled = user.disabledAt !== null;
            return (
              <span className="flex flex-wrap justify-end gap-2 lg:flex-nowrap">
                <Button isSmall aria-label={t('change', { name: user.name })} onClick={() => props.onChange(user)}>
                  {t('edit')}
                </Button>
                {isDisabled ? null : (
                  <Button
                    isSmall
                    aria-label={t('link.makeFor', { name: user.name })}
                    onClick={() => props.onLink(user)}
                  >
                    {t('link.make')}
                  </Button>
                )}
                <Button
                  isSmall
                  look={isDisabled ? 'plain' : 'danger'}
                  aria-label={`${t(isDisabled ? 'enable' : 'disable')}: ${user.name}`}
                  onClick={() => (isDisabled ? props.onEnable(user) : props.onDisable(user))}
                >
                  {t(isDisabled ? 'enable' : 'disable')}
                </Button>
              </span>
            );
          },
        },
      ]}
    />
  );
}

function UserState({ user }: { user: UserDto }) {
  const t = useTranslations('users');
  if (user.disabledAt !== null) {
    return (
      <Badge tone="neutral" icon="stop">
        {t('disabled')}
      </Badge>
    );
  }
  const isWaiting = !user.hasPassword && user.lastLoginAt === null;
  return (
    <Badge tone={isWaiting ? 'accent' : 'good'} icon={isWaiting ? 'clock' : 'check'}>
      {t(isWaiting ? 'invited' : 'active')}
    </Badge>
  );
}
