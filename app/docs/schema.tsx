/** A schema of the document, folded up; links of operations lead here. */
export function Schema({ name, schema }: { name: string; schema: object }) {
  return (
    <details id={`schema-${name}`} className="rounded-box border bg-surface px-4 py-2">
      <summary className="font-mono">{name}</summary>
      <pre className="mt-2 overflow-x-auto rounded-control bg-sunken p-3 font-mono text-xs">
        {JSON.stringify(schema, null, 2)}
      </pre>
    </details>
  );
}
