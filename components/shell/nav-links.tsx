'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { classNames } from '#components/ui/class-names.ts';
import { pagesOf } from './pages.ts';

/** The main navigation; the page one is on (or below) is marked. */
export function NavLinks({ isAdmin }: { isAdmin: boolean }) {
  const t = useTranslations('shell');
  const path = usePathname();
  return (
    // On a narrow screen the links go below the name, over the whole width.
    <nav
      aria-label={t('navigation')}
      className="order-last -mx-3 flex w-full flex-wrap lg:order-none lg:w-auto lg:flex-nowrap"
    >
      {pagesOf(isAdmin).map(({ href, key }) => {
        const isHere = path === href || path.startsWith(`${href}/`);
        return (
          <Link
            key={href}
            href={href}
            aria-current={isHere ? (path === href ? 'page' : 'true') : undefined}
            className={classNames(
              'flex h-10 items-center border-b-2 px-3 font-medium lg:h-14',
              isHere ? 'border-accent text-ink' : 'border-transparent text-muted hover:text-ink',
            )}
          >
            {t(key)}
          </Link>
        );
      })}
    </nav>
  );
}
