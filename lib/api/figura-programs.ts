/** What the programs of a figura's documentation load. */
export interface ProgramInput {
  /** Address of the figura's loads: `https://…/api/fornecedores/_bulk`. */
  url: string;
  /** Name of the figura, which is safe in any language. */
  figura: string;
  /** The example file as CSV. */
  csv: string;
  /** The same row by name. */
  row: Record<string, unknown>;
}

/** A word that is no line of the text, to end a here-document with. */
function endWord(text: string): string {
  const lines = new Set(text.split(/\r?\n/));
  let word = 'FIM';
  while (lines.has(word)) word += '_';
  return word;
}

/** Loads the example with curl and jq. */
export function curlProgram({ url, figura, csv }: ProgramInput): string {
  const text = csv.replaceAll('\r\n', '\n');
  const end = endWord(text);
  return `set -euo pipefail
auth="authorization: Bearer $CARGA_API_KEY"
json='content-type: application/json'
bulk='${url}'
file=${figura}.csv
cat > "$file" <<'${end}'
${text}${end}

ticket=$(curl -sS --fail-with-body -H "$auth" -H "$json" \\
  -d "{\\"fileName\\":\\"$file\\",\\"size\\":$(wc -c < "$file"),\\"contentType\\":\\"text/csv\\"}" "$bulk/uploads")
curl -sS --fail-with-body -X PUT -H 'content-type: text/csv' --data-binary "@$file" "$(jq -r .put.url <<< "$ticket")"
job=$(curl -sS --fail-with-body -X PUT -H "$auth" -H "$json" -d "{\\"url\\":$(jq .url <<< "$ticket")}" "$bulk")
while :; do
  state=$(curl -sS --fail-with-body -H "$auth" "$(jq -r .statusUrl <<< "$job")?wait=30")
  case $(jq -r .status <<< "$state") in complete | error | cancelled) break ;; esac
done
jq '{status, result, rows, error}' <<< "$state"
`;
}

/** Loads the example with Node 20 or later and nothing else. */
export function nodeProgram({ url, figura, row }: ProgramInput): string {
  return `const bulk = '${url}';
const rows = ${JSON.stringify([row], null, 2)};

async function call(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { authorization: \`Bearer \${process.env.CARGA_API_KEY}\`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(\`\${answer.code}: \${answer.detail}\`);
  return answer;
}

const bytes = new TextEncoder().encode(rows.map((row) => JSON.stringify(row)).join('\\n'));
const ticket = await call('POST', \`\${bulk}/uploads\`, { fileName: '${figura}.ndjson', size: bytes.length });
const put = await fetch(ticket.put.url, { method: 'PUT', headers: ticket.put.headers, body: bytes });
if (!put.ok) throw new Error(\`the bucket answered \${put.status}\`);

let job = await call('PUT', bulk, { url: ticket.url });
do {
  job = await call('GET', \`\${bulk}/status/\${job.id}?wait=30\`);
} while (job.status === 'queued' || job.status === 'processing');
console.log(JSON.stringify({ status: job.status, result: job.result, rows: job.rows, error: job.error }));
`;
}

/** Loads the example with Python 3 and its standard library. */
export function pythonProgram({ url, figura, row }: ProgramInput): string {
  return `import json, os, urllib.request

BULK = '${url}'
rows = [${pythonLiteral(row, '')}]


def call(method, url, body=None):
    request = urllib.request.Request(
        url, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={'Authorization': 'Bearer ' + os.environ['CARGA_API_KEY'], 'Content-Type': 'application/json'})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


data = '\\n'.join(json.dumps(row) for row in rows).encode()
ticket = call('POST', BULK + '/uploads', {'fileName': '${figura}.ndjson', 'size': len(data)})
put = urllib.request.Request(ticket['put']['url'], method='PUT', data=data, headers=ticket['put']['headers'])
urllib.request.urlopen(put).close()

job = call('PUT', BULK, {'url': ticket['url']})
while True:
    job = call('GET', BULK + '/status/' + job['id'] + '?wait=30')
    if job['status'] not in ('queued', 'processing'):
        break
print(json.dumps({name: job[name] for name in ('status', 'result', 'rows', 'error')}))
`;
}

/** A JSON value as Python writes it. Strings are the same in both: JSON's escapes are Python's too. */
function pythonLiteral(value: unknown, indent: string): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}    `;
  if (Array.isArray(value)) return `[${value.map((item) => pythonLiteral(item, inner)).join(', ')}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `\n${inner}${JSON.stringify(name)}: ${pythonLiteral(member, inner)},`,
  );
  return members.length === 0 ? '{}' : `{${members.join('')}\n${indent}}`;
}
