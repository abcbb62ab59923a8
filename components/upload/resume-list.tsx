'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Ago } from '#components/ui/moment.tsx';
import { forgetInterrupted, type InterruptedUpload, listInterrupted } from './interrupted-uploads.ts';
import { clearKept, dropKept, heldNames, readKept } from './kept-files.ts';

/** Uploads that a reload or a closed tab interrupted: each can be gone on with, or given up. */
export function ResumeList(props: {
  onResume: (upload: InterruptedUpload, source: Blob) => void;
  onDiscard: (upload: InterruptedUpload) => void;
}) {
  const t = useTranslations('upload.interrupted');
  const [uploads, setUploads] = useState<InterruptedUpload[]>([]);
  const [wrongId, setWrongId] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef<InterruptedUpload | null>(null);
  const discardLost = useRef(props.onDiscard);
  useEffect(() => {
    let isGone = false;
    void findInterrupted().then(({ resumable, lost }) => {
      for (const upload of lost) discardLost.current(upload);
      if (!isGone) setUploads(resumable);
    });
    return () => {
      isGone = true;
    };
  }, []);
  const takeOff = (upload: InterruptedUpload) => setUploads((all) => all.filter(({ id }) => id !== upload.id));

  async function resume(upload: InterruptedUpload) {
    const kept = upload.isKept ? await readKept(upload.id) : null;
    if (kept === null) {
      asked.current = upload;
      input.current?.click();
      return;
    }
    takeOff(upload);
    props.onResume(upload, kept);
  }

  function takeFile(file: File | undefined) {
    const upload = asked.current;
    if (!file || !upload) return;
    const isSame = file.name === upload.name && file.size === upload.size && file.lastModified === upload.lastModified;
    setWrongId(isSame ? null : upload.id);
    if (!isSame) return;
    takeOff(upload);
    props.onResume(upload, file);
  }

  function discard(upload: InterruptedUpload) {
    takeOff(upload);
    forgetInterrupted(upload.id);
    void dropKept(upload.id);
    props.onDiscard(upload);
  }

  if (uploads.length === 0) return null;
  return (
    <section aria-labelledby="interrupted" className="grid gap-3 rounded-box border border-line-strong bg-surface p-4">
      <h2 id="interrupted" className="font-semibold">
        {t('title')}
      </h2>
      <ul className="grid gap-3">
        {uploads.map((upload) => (
          <li key={upload.id} className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <div className="min-w-0 grow basis-52">
              <p className="break-all font-medium">{upload.name}</p>
              <p className="text-muted text-sm">
                {t('to', { figura: upload.figura })} <Ago at={new Date(upload.at).toISOString()} />
              </p>
              {wrongId === upload.id ? (
                <p role="alert" className="text-bad text-sm">
                  {t('otherFile')}
                </p>
              ) : null}
            </div>
            <Button
              isSmall
              icon="again"
              onClick={() => void resume(upload)}
              aria-label={`${t('resume')}: ${upload.name}`}
            >
              {upload.isKept ? t('resume') : t('chooseAgain')}
            </Button>
            <Button isSmall look="quiet" onClick={() => discard(upload)} aria-label={`${t('discard')}: ${upload.name}`}>
              {t('discard')}
            </Button>
          </li>
        ))}
      </ul>
      <input
        ref={input}
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        data-resume=""
        className="sr-only"
        onChange={(event) => {
          takeFile(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
    </section>
  );
}

/** Those that no tab works on; files that nobody needs are cleared away meanwhile, and the lost ones forgotten. */
async function findInterrupted(): Promise<{ resumable: InterruptedUpload[]; lost: InterruptedUpload[] }> {
  const all = listInterrupted();
  const held = await heldNames();
  void clearKept(new Set(all.map(({ id }) => id)));
  const free = all.filter(({ id }) => !held.has(id));
  const found = await Promise.all(free.map(async (upload) => ({ upload, isThere: await isResumable(upload) })));
  const pick = (isWanted: boolean) => found.flatMap(({ upload, isThere }) => (isThere === isWanted ? [upload] : []));
  const lost = pick(false);
  for (const { id } of lost) forgetInterrupted(id);
  return { resumable: pick(true), lost };
}

/**
 * What was converted and is not kept would have to be converted and matched anew: that is an import like any other. The
 * same holds for what was sent ahead of a file that nobody asked to be imported yet.
 */
async function isResumable({ id, isKept, format }: InterruptedUpload): Promise<boolean> {
  if (isKept) return (await readKept(id)) !== null;
  return format === 'parquet' || format === 'avro';
}
