interface Reference {
  $ref?: string;
  allOf?: { $ref?: string }[];
}
type Content = Record<string, { schema: Reference }>;

/** An operation of the document, as far as the page shows it. */
export interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  'x-permission': string;
  parameters: { name: string; in: string; required: boolean; schema: object; description?: string }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}

/** One route: what it takes and what it answers. */
export function Operation({ path, method, operation }: { path: string; method: string; operation: OperationObject }) {
  const { parameters, requestBody, responses } = operation;
  return (
    <details id={operation.operationId} className="rounded-box border bg-surface px-4 py-2">
      <summary className="flex flex-wrap items-baseline gap-x-3">
        <code className="w-16 font-mono font-semibold text-accent">{method}</code>
        <code className="font-mono">{path}</code>
        <span className="text-muted">{operation.summary}</span>
      </summary>
      <div className="mt-3 grid gap-3">
        {operation.description ? <p>{operation.description}</p> : null}
        <p className="text-muted">
          Needs: <code className="font-mono">{operation['x-permission']}</code>
        </p>
        {parameters.length > 0 ? (
          <Facts title="Parameters">
            {parameters.map((parameter) => (
              <Fact key={`${parameter.in} ${parameter.name}`} name={parameter.name}>
                {parameter.in}
                {parameter.required ? ', required' : ''} ·{' '}
                <code className="font-mono">{inShort(parameter.schema)}</code>
              </Fact>
            ))}
          </Facts>
        ) : null}
        {requestBody ? (
          <Facts title="Body">
            <Fact name="application/json">
              <SchemaLinks content={requestBody.content} />
            </Fact>
          </Facts>
        ) : null}
        <Facts title="Answers">
          {Object.entries(responses).map(([status, answer]) => (
            <Fact key={status} name={status}>
              {answer.description} {answer.content ? <SchemaLinks content={answer.content} /> : null}
            </Fact>
          ))}
        </Facts>
      </div>
    </details>
  );
}

function Facts({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <h3 className="font-semibold">{title}</h3>
      <dl className="grid grid-cols-[10rem_1fr] gap-x-4">{children}</dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="font-mono break-words">{name}</dt>
      <dd className="break-words">{children}</dd>
    </>
  );
}

function SchemaLinks({ content }: { content: Content }) {
  return Object.entries(content).map(([type, { schema }]) => {
    const name = (schema.$ref ?? schema.allOf?.[0]?.$ref)?.split('/').at(-1);
    return name ? (
      <a key={type} className="text-accent underline" href={`#schema-${name}`}>
        {name}
      </a>
    ) : (
      <code key={type} className="me-2 font-mono">
        {type}
      </code>
    );
  });
}

/** A parameter's schema in one line; the patterns of dates are longer than they are useful. */
function inShort(schema: object): string {
  return JSON.stringify(schema, (key, value) => (key === 'pattern' && 'format' in schema ? undefined : value)).slice(
    0,
    200,
  );
}
