'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { AccessLink } from '#components/access/access-link.tsx';
import { UserForm } from '#components/access/user-form.tsx';
import { UserTable } from '#components/access/user-table.tsx';
import { changeAddress } from '#components/change-address.ts';
import { Button } from '#components/ui/button.tsx';
import { Card, PageHeading } from '#components/ui/card.tsx';
import { ConfirmDialog } from '#components/ui/dialog.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { TextField } from '#components/ui/field.tsx';
import { focusFirst } from '#components/ui/focus-first.ts';
import { TableSkeleton } from '#components/ui/skeleton.tsx';
import { useToast } from '#components/ui/toast.tsx';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { useApiClient } from '#components/use-api-client.ts';
import type { AccessLinkDto, ChangeUserDto, CreateUserDto, UserDto } from '#lib/api-client/create-api-client.ts';
import { usersQuery } from '#lib/api-client/page-queries.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';
import { foldName } from '#lib/figura/map-columns.ts';

/** Who may sign in and do what; people are disabled, never deleted: what they did stays theirs. */
export function UsersView() {
  const t = useTranslations('users');
  const client = useApiClient();
  const queryClient = useQueryClient();
  const notify = useToast();
  const figuras = useAllFiguras();
  const search = useSearchParams().get('q') ?? '';
  /** `new`, the person that is being changed, or nobody. */
  const [open, setOpen] = useState<UserDto | 'new' | null>(null);
  const [made, setMade] = useState<{ link: AccessLinkDto; name: string } | null>(null);
  const linking = useMutation({
    mutationFn: async ({ id, name }: UserDto) => ({ link: await client.createAccessLink(id), name }),
    onSuccess: setMade,
  });
  const [disabling, setDisabling] = useState<UserDto | null>(null);
  const users = useQuery(usersQuery(client));
  const saving = useMutation({
    mutationFn: (change: { id: string; body: ChangeUserDto } | CreateUserDto) =>
      'id' in change ? client.changeUser(change.id, change.body) : client.createUser(change),
    onSuccess: (user, change) => {
      setOpen(null);
      notify(t('saved', { name: user.name }), 'good');
      void queryClient.invalidateQueries({ queryKey: queryKeys.users });
      // Who was added without a password needs a way in.
      if (!('id' in change) && !change.password) linking.mutate(user);
    },
  });
  const show = (next: UserDto | 'new' | null) => {
    saving.reset();
    linking.reset();
    setMade(null);
    setOpen(next);
  };
  const wanted = foldName(search);
  const found = users.data?.filter(({ name, email }) => foldName(`${name} ${email}`).includes(wanted)) ?? [];
  return (
    <>
      <PageHeading
        title={t('title')}
        lead={t('lead')}
        action={
          <Button
            look={open === null ? 'primary' : 'plain'}
            icon="plus"
            aria-expanded={open === 'new'}
            onClick={() => show(open === 'new' ? null : 'new')}
          >
            {t('add')}
          </Button>
        }
      />
      <div className="grid gap-5">
        {saving.error ? <ErrorState error={saving.error} /> : null}
        {linking.error ? <ErrorState error={linking.error} /> : null}
        {made ? <AccessLink {...made} /> : null}
        {open === null ? null : (
          <Card title={open === 'new' ? t('add') : t('change', { name: open.name })}>
            <div key={open === 'new' ? 'new' : open.id} ref={focusFirst}>
              <UserForm
                user={open === 'new' ? null : open}
                figuras={figuras.data?.map(({ name }) => name) ?? []}
                isBusy={saving.isPending}
                onCancel={() => show(null)}
                onSubmit={(form) => saving.mutate(open === 'new' ? form : { id: open.id, body: withoutEmail(form) })}
              />
            </div>
          </Card>
        )}
        <TextField
          label={t('search')}
          type="search"
          className="max-w-md"
          defaultValue={search}
          onChange={(event) => changeAddress({ q: event.target.value }, 'replace')}
        />
        {users.isPending ? (
          <TableSkeleton />
        ) : users.isError ? (
          <ErrorState error={users.error} onRetry={() => void users.refetch()} />
        ) : found.length === 0 ? (
          <p className="text-muted">{t('nobody')}</p>
        ) : (
          <UserTable
            users={found}
            onChange={show}
            onDisable={setDisabling}
            onLink={(user) => {
              show(null);
              linking.mutate(user);
            }}
            onEnable={({ id }) => saving.mutate({ id, body: { disabled: false } })}
          />
        )}
      </div>
      <ConfirmDialog
        isOpen={disabling !== null}
        title={t('disableTitle', { name: disabling?.name ?? '' })}
        text={t('disableEffect')}
        confirm={t('disable')}
        keep={t('keep')}
        onClose={() => setDisabling(null)}
        onConfirm={() => disabling && saving.mutate({ id: disabling.id, body: { disabled: true } })}
      />
    </>
  );
}

/** An address is who somebody is here: it never changes. */
function withoutEmail({ email: _email, ...change }: CreateUserDto): ChangeUserDto {
  return change;
}
