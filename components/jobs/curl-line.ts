import type { JobDto } from '#lib/api/schemas.ts';

/** Options whose value says nothing new: leaving them out asks for the same. */
const SILENT: Record<string, string> = { mode: '"merge"', mapping: '{}', csv: '{}' };

/** The command that asks for the same load, for a shell; the key comes from the variable CARGA_API_KEY. */
export function curlLine(job: Pick<JobDto, 'figura' | 'file' | 'options' | 'dryRun'>, origin: string): string {
  const options = Object.entries(job.options).filter(
    ([name, value]) => value !== null && value !== undefined && SILENT[name] !== JSON.stringify(value),
  );
  const body = { url: job.file.url, format: job.file.format, ...Object.fromEntries(options), force: true };
  const text = JSON.stringify(job.dryRun ? { ...body, dryRun: true } : body);
  return [
    `curl -X PUT '${origin}/api/${job.figura}/_bulk' \\`,
    `  -H "Authorization: Bearer $CARGA_API_KEY" \\`,
    `  -H 'Content-Type: application/json' \\`,
    // In single quotes a shell takes everything literally except the single quote itself.
    `  -d '${text.replaceAll("'", `'\\''`)}'`,
  ].join('\n');
}
