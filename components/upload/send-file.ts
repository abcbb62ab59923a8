import { convertedName } from '#components/jobs/file-name.ts';
import { ConnectionError } from '#lib/api-client/api-error.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { uploadFile } from '#lib/api-client/upload-file.ts';
import { CANCELLED } from './interruptions.ts';
import { isConverted, PARQUET_TYPE } from './prepare-file.ts';
import { untilOnline } from './until-online.ts';
import type { SendReport, UploadItem } from './upload-item.ts';

/** A line that is gone for so long needs somebody to look at it. */
const PATIENCE_MS = 30 * 60_000;

/**
 * Uploads what was prepared of a file and enqueues it; gives the id of its job. A cut connection is waited out: what
 * the bucket has by then is not sent again. Its parts stay in the bucket unless the upload was cancelled.
 * @throws ApiError, ConnectionError, UploadError, the signal's reason
 */
export async function sendFile(
  client: ApiClient,
  item: UploadItem,
  source: Blob,
  on: SendReport,
  signal: AbortSignal,
): Promise<string> {
  const { figura, checked, name, options } = item;
  if (figura === null || options === null || checked === null) throw new Error('nothing was asked for this file');
  const isParquet = isConverted(checked.format);
  let { uploadId, sentUrl } = item;
  let workedAt = Date.now();
  const request = {
    figura,
    source,
    fileName: isParquet ? convertedName(name) : name,
    contentType: isParquet ? PARQUET_TYPE : 'application/octet-stream',
    keepsParts: true,
    signal,
    onBegin(id: string | null) {
      uploadId = id;
      on.begun(id);
    },
    onProgress(doneBytes: number, totalBytes: number) {
      if (doneBytes > 0) workedAt = Date.now();
      on.uploading(doneBytes, totalBytes);
    },
  };
  for (;;) {
    try {
      // What a simulation sent is there already.
      sentUrl ??= (await uploadFile(client, { ...request, resumeId: uploadId ?? undefined })).url;
      on.sent(sentUrl);
      on.enqueueing();
      const format = isParquet ? 'parquet' : (checked.format as 'parquet' | 'avro');
      return (await client.enqueueJob(figura, { url: sentUrl, format, ...options }, { signal })).id;
    } catch (error) {
      if (signal.reason === CANCELLED && uploadId !== null) {
        await client.abortUpload(figura, uploadId, { signal: AbortSignal.timeout(5000) }).catch(() => {});
      }
      signal.throwIfAborted();
      if (!(error instanceof ConnectionError) || Date.now() - workedAt > PATIENCE_MS) throw error;
      on.waitingForLine(true);
      await untilOnline(signal);
      on.waitingForLine(false);
    }
  }
}
