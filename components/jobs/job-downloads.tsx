'use client';

import { useTranslations } from 'next-intl';
import { buttonClass } from '#components/ui/button.tsx';
import { Icon } from '#components/ui/icon.tsx';

/** Something to download, in several formats. */
export function JobDownloads(props: { title: string; hint: string; links: { label: string; href: string }[] }) {
  const t = useTranslations('job.downloads');
  return (
    <div>
      <h3 className="font-medium">{props.title}</h3>
      <p className="mb-2 text-muted text-sm">{props.hint}</p>
      <ul className="flex flex-wrap gap-2">
        {props.links.map(({ label, href }) => (
          <li key={href}>
            <a
              href={href}
              download
              className={buttonClass('plain', true)}
              aria-label={t('as', { title: props.title, format: label })}
            >
              <Icon name="download" />
              {label}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
