'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { keysQuery, usersQuery } from '#lib/api-client/page-queries.ts';

const ROLES = ['admin', 'operator', 'viewer'] as const;

interface Holder {
  id: string;
  name: string;
  role: (typeof ROLES)[number];
  figuras: string[];
}

/** Who may do what with a figura: people and keys by role. For administrators, who may see both lists. */
export function FiguraAccess({ figura }: { figura: string }) {
  const t = useTranslations('figuras.access');
  const roles = useTranslations('shell.roles');
  const client = useApiClient();
  const users = useQuery(usersQuery(client));
  const keys = useQuery(keysQuery(client));
  const failed = [users, keys].find(({ isError }) => isError);
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!users.data || !keys.data) return <Skeleton className="h-24 w-full" />;
  const now = new Date().toISOString();
  const isGiven = ({ role, figuras }: Holder) => role === 'admin' || figuras.includes('*') || figuras.includes(figura);
  const people: Holder[] = users.data.filter((user) => user.disabledAt === null && isGiven(user));
  const programs: Holder[] = keys.data.filter(
    (key) => key.revokedAt === null && (key.expiresAt === null || key.expiresAt > now) && isGiven(key),
  );
  return (
    <dl className="grid gap-4 sm:grid-cols-3">
      {ROLES.map((role) => {
        const groups = [
          ['people', '/pessoas', people.filter((one) => one.role === role)],
          ['keys', '/chaves', programs.filter((one) => one.role === role)],
        ] as const;
        return (
          <div key={role} className="min-w-0">
            <dt className="font-medium">
              {roles(role)} <span className="text-muted text-sm">{t(role)}</span>
            </dt>
            {groups.map(([kind, href, holders]) => (
              <dd key={kind} className="wrap-anywhere mt-1 text-sm">
                <Link href={href} className="text-accent underline">
                  {t(kind)}
                </Link>
                : {holders.map(({ name }) => name).join(', ') || t(kind === 'keys' ? 'noKey' : 'nobody')}
              </dd>
            ))}
          </div>
        );
      })}
    </dl>
  );
}
