import type { Metadata } from 'next';
import { openApiDocument } from '#lib/api/openapi.ts';
import { getServices } from '#lib/services.ts';
import { Operation, type OperationObject } from './operation.tsx';
import { Schema } from './schema.tsx';

export const metadata: Metadata = { title: 'API' };
// The address in the document is a setting, read when the process runs.
export const dynamic = 'force-dynamic';

interface Document {
  info: { summary: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, object> };
}

/** The contract for people: the OpenAPI document as a page. Public, as the document is; nothing comes from elsewhere. */
export default function DocsPage() {
  const document = openApiDocument(getServices().env.PUBLIC_URL) as unknown as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return (
    <main lang="en" className="mx-auto grid max-w-4xl gap-8 px-4 py-8">
      <header className="grid gap-2">
        <h1 className="text-2xl font-semibold">Carga API</h1>
        <p className="text-muted">{document.info.summary}</p>
        <p>
          Address: <code className="font-mono">{document.servers[0]?.url}</code> · call with{' '}
          <code className="font-mono">Authorization: Bearer …</code> ·{' '}
          <a className="text-accent underline" href="/api/openapi.json">
            OpenAPI 3.1
          </a>
        </p>
      </header>
      {document.tags.map((tag) => (
        <section key={tag.name} className="grid gap-2">
          <h2 className="text-lg font-semibold">{tag.name}</h2>
          <p className="text-muted">{tag.description}</p>
          {operations
            .filter(({ operation }) => operation.tags.includes(tag.name))
            .map((entry) => (
              <Operation key={entry.operation.operationId} {...entry} />
            ))}
        </section>
      ))}
      <section className="grid gap-2">
        <h2 className="text-lg font-semibold">schemas</h2>
        {Object.entries(document.components.schemas).map(([name, schema]) => (
          <Schema key={name} name={name} schema={schema} />
        ))}
      </section>
    </main>
  );
}
