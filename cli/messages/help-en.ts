const common = `Options of every command that asks the service:
  --url URL    address of the service (CARGA_URL; http://localhost:3000)
  --key KEY    API key; better in CARGA_API_KEY, where other users of the machine do not see it
  --json       the result as JSON on stdout; progress and messages stay on stderr
  -h, --help   this text`;

const csv = `  --delimiter C      ";", "," … or tab          } what is not given
  --encoding NAME    utf-8, windows-1252 …     } is detected
  --decimal C        "." or ","                }
  --date-format F    such as dd/mm/yyyy        }`;

/** English help texts. */
export const helpEn = {
  carga: `carga loads files into tables: every row inserted, updated, deleted, left alone, or refused with its reason.

Usage: carga COMMAND [OPTIONS]

  push FIGURA FILE   send a file and follow it until its rows are in the table
  status ID          how a job is doing
  figuras [NAME]     what can be loaded, and with which columns
  convert IN OUT     turn a file into another format, without the service

First steps:
  export CARGA_URL=http://localhost:3000 CARGA_API_KEY=…
  carga figuras
  carga push fornecedores lista_fornecedores.json

carga COMMAND --help explains one command with examples.
Language: CARGA_LANG, or LC_ALL, LC_MESSAGES, LANG (pt… is Portuguese, else English).

Exit codes:
    0  complete          3  complete, but rows were rejected
    1  failed, refused   4  no connection, or the key is not accepted
    2  wrong usage     130  interrupted`,

  push: `Sends a file to a figura and follows the job until it ends.

Usage: carga push FIGURA FILE [OPTIONS]

FILE may be Parquet, Avro, CSV, JSON or NDJSON; its format is seen from its bytes. CSV, JSON and NDJSON are turned into
Parquet first, on this machine; Parquet and Avro go as they are. “-” reads from stdin.

Options:
  --mode M           merge (default): insert, update, delete by key
                     append: only insert, for tables without a key in the file
                     snapshot: merge, and delete what the file does not have
  --on-error W       skip (refuse the bad rows) or abort (load nothing)
  --max-errors N     give up after N bad rows; none for no limit
  --dry-run          say what would happen, write nothing
  --force            load again a file that was loaded before
  --map FROM=TO      the file's column FROM is the figura's column TO; may be repeated
  --format F         parquet, avro, csv, json or ndjson, where the bytes do not tell
  --as-is            send without converting
  --no-wait          return as soon as the job is queued
${csv}

${common}

Examples:
  carga push fornecedores lista.json
  carga push municipios municipios.csv --delimiter ";" --encoding windows-1252 --decimal ,
  carga push fornecedores lista.csv --map "Nº documento=documento" --dry-run
  psql -c "copy t to stdout csv header" | carga push municipios - --format csv
  carga push fornecedores lista.parquet --json | jq .rows

Ctrl-C gives an upload up; once the job runs, it goes on and only the watching ends.`,

  status: `Shows how a job is doing.

Usage: carga status ID [OPTIONS]

Options:
  --watch          follow it until it ends
  --figura NAME    the job's figura; found by itself when left out

${common}

Examples:
  carga status 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b
  carga status 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b --watch
  carga status 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b --json | jq .progress.percent

It exits as push does: 0 complete, 3 with rejected rows, 1 failed. A job that still runs is 0.`,

  figuras: `Lists what can be loaded, or shows the columns of one figura.

Usage: carga figuras [NAME] [OPTIONS]

${common}

Examples:
  carga figuras
  carga figuras fornecedores
  carga figuras --json | jq -r ".[].name"`,

  convert: `Turns a file into another format, on this machine alone: no service, no key.

Usage: carga convert IN OUT [OPTIONS]

IN may be Parquet, Avro, CSV, JSON or NDJSON, seen from its bytes. The extension of OUT says what to write: .parquet,
.json, .ndjson (.jsonl), .csv, .avro. A file that is there already is replaced once the new one is whole. Parquet that
was made from JSON comes back as equal JSON, sub-levels included.

Options:
  --format F         the format of IN, where its bytes do not tell
${csv}
  --json             the result as JSON on stdout
  -h, --help         this text

Examples:
  carga convert lista.json lista.parquet
  carga convert lista.parquet volta.json
  carga convert municipios.csv municipios.parquet --encoding windows-1252
  carga convert eventos.avro eventos.ndjson`,
};
