'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { classNames } from '#components/ui/class-names.ts';
import { Ago } from '#components/ui/moment.tsx';
import { Cell, HeadCell, NarrowFacts, Row, Table } from '#components/ui/table.tsx';
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
    <Table caption={t('title')}>
      <thead>
        <tr>
          <HeadCell>{t('name')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('state')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('role')}</HeadCell>
          <HeadCell className="hidden lg:table-cell">{keys('figuras')}</HeadCell>
          <HeadCell className="hidden md:table-cell">{t('lastLogin')}</HeadCell>
          <HeadCell>
            <span className="sr-only">{keys('action')}</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {props.users.map((user) => {
          const isDisabled = user.disabledAt !== null;
          const isWaiting = !user.hasPassword && user.lastLoginAt === null;
          const state = isDisabled ? (
            <Badge tone="neutral" icon="stop">
              {t('disabled')}
            </Badge>
          ) : (
            <Badge tone={isWaiting ? 'accent' : 'good'} icon={isWaiting ? 'clock' : 'check'}>
              {t(isWaiting ? 'invited' : 'active')}
            </Badge>
          );
          const figuras =
            user.figuras.includes('*') || user.role === 'admin' ? keys('allFiguras') : user.figuras.join(', ') || '–';
          const lastLogin = user.lastLoginAt === null ? t('never') : <Ago at={user.lastLoginAt} />;
          return (
            <Row key={user.id}>
              <Cell className="wrap-anywhere">
                {user.name}
                <p className="text-muted text-sm">{user.email}</p>
                <div className="mt-1 sm:hidden">{state}</div>
                <NarrowFacts
                  facts={[
                    ['sm', t('role'), roles(user.role)],
                    ['lg', keys('figuras'), figuras],
                    ['md', t('lastLogin'), lastLogin],
                  ]}
                />
              </Cell>
              <Cell className="hidden sm:table-cell">{state}</Cell>
              <Cell className="hidden sm:table-cell">{roles(user.role)}</Cell>
              <Cell className="wrap-anywhere hidden max-w-56 lg:table-cell">{figuras}</Cell>
              <Cell className={classNames('hidden md:table-cell', user.lastLoginAt === null && 'text-muted')}>
                {lastLogin}
              </Cell>
              <Cell>
                <span className="flex flex-wrap justify-end gap-2">
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
              </Cell>
            </Row>
          );
        })}
      </tbody>
    </Table>
  );
}
