import { convertedName } from '#components/jobs/file-name.ts';
import type { EnqueueDto } from '#lib/api/schemas.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { uploadFile } from '#lib/api-client/upload-file.ts';
import { isConverted, PARQUET_TYPE } from './prepare-file.ts';
import type { SendReport, UploadItem } from './upload-queue.ts';

/** Uploads what was prepared of a file and enqueues it; gives the id of its job. @throws the signal's reason too. */
export async function sendFile(
  client: ApiClient,
  figura: string,
  item: Pick<UploadItem, 'file' | 'checked'>,
  source: Blob,
  choices: Pick<EnqueueDto, 'onError' | 'mapping' | 'dryRun'>,
  on: SendReport,
  signal: AbortSignal,
): Promise<string> {
  const format = item.checked?.format ?? 'parquet';
  const isParquet = isConverted(format);
  const uploaded = await uploadFile(client, {
    figura,
    source,
    fileName: isParquet ? convertedName(item.file.name) : item.file.name,
    contentType: isParquet ? PARQUET_TYPE : 'application/octet-stream',
    onProgress: on.uploading,
    signal,
  });
  on.enqueueing();
  const job = await client.enqueueJob(
    figura,
    { url: uploaded.url, format: isParquet ? 'parquet' : format, ...choices },
    { signal },
  );
  return job.id;
}
