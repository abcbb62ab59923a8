'use client';

import { useEffect, useRef, useState } from 'react';
import type { FiguraDto } from '#lib/api/schemas.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { forgetInterrupted, keepInterrupted } from './interrupted-uploads.ts';
import { dropKept, holdKept } from './kept-files.ts';
import { checkRows, isConverted, prepareFile } from './prepare-file.ts';
import { rememberedColumns } from './remembered-columns.ts';
import { sendAhead } from './send-ahead.ts';
import type { UploadItem } from './upload-item.ts';
import { UploadQueue } from './upload-queue.ts';

/** The queue of a page, which ends with it; rows are held against the figura that is chosen at the time. */
export function useUploadQueue(
  client: ApiClient,
  figura: FiguraDto | undefined,
  mode: 'merge' | 'append',
): UploadQueue {
  const against = useRef({ figura, mode });
  const [queue] = useState(
    () =>
      new UploadQueue({
        prepare: prepareFile,
        checkRows,
        checkFor({ choices }: UploadItem) {
          const { figura, mode } = against.current;
          if (!figura) return null;
          const { columns, opColumn, mapping, requiredColumns } = figura;
          const remembered = rememberedColumns(figura.name);
          return { figura: { columns, opColumn, mapping, requiredColumns }, mode, choices, remembered, columns: null };
        },
        hold: holdKept,
        keep: keepInterrupted,
        forget: forgetInterrupted,
        dropFile: (id) => void dropKept(id),
        sendAhead({ name, checked }, bytes, on) {
          const { figura } = against.current;
          if (!figura || !checked || !isConverted(checked.format)) return null;
          return sendAhead(client, { figura: figura.name, name, bytes }, on);
        },
        abandon: (name, uploadId) => void client.abortUpload(name, uploadId).catch(() => {}),
      }),
  );
  // Before the effects of the page, which look at it.
  useEffect(() => {
    against.current = { figura, mode };
  });
  useEffect(() => () => queue.close(), [queue]);
  return queue;
}
