const common = `Options of every command that asks the service:
  --url URL    address of the service (CARGA_URL; http://localhost:3000)
  --key KEY    API key; better in CARGA_API_KEY, where other users of the machine do not see it
  --json       the result as JSON on stdout; progress and messages stay on stderr
  --lang L     pt-BR or en; else CARGA_LANG, LC_ALL, LC_MESSAGES, LANG
  -h, --help   this text`;

const csv = `  --delimiter C      ";", "," … or tab          } what is not given
  --encoding NAME    utf-8, windows-1252 …     } is detected
  --decimal C        "." or ","                }
  --date-format F    such as dd/mm/yyyy        }
  --header W         yes or no: the first line }
                     names the columns         }`;

/** English help texts. */
export const helpEn = {
  carga: `carga loads files into tables: every row inserted, updated, deleted, left alone, or refused with its reason.

Usage: carga COMMAND [OPTIONS]

  push FIGURA FILE…  send files and follow them until their rows are in the table
  status ID          how a job is doing
  errors ID [OUT]    the rejected rows of a job as a file to fix
  retry ID           try a failed job again
  cancel ID          end a job, its table untouched
  figuras [NAME]     what can be loaded, and with which columns
  convert IN OUT     turn a file into another format, without the service
  keys [ACTION]      list, create and revoke API keys
  login              keep the address of the service and a key
  completion SHELL   teach bash, zsh or fish to complete these words

First steps:
  carga login --url http://localhost:3000
  carga figuras
  carga push fornecedores lista_fornecedores.json --dry-run
  carga push fornecedores lista_fornecedores.json

carga COMMAND --help explains one command with examples; carga --version tells which this is.
Language: --lang pt-BR or en; else CARGA_LANG, LC_ALL, LC_MESSAGES, LANG (pt… is Portuguese, else English).

Exit codes:
    0  complete          3  complete, but rows were rejected
    1  failed, refused   4  no connection, or the key is not accepted
    2  wrong usage     130  interrupted`,

  push: `Sends files to a figura and follows each job until it ends.

Usage: carga push FIGURA FILE… [OPTIONS]

FILE may be Parquet, Avro, CSV, JSON or NDJSON; its format is seen from its bytes. CSV, JSON and NDJSON are turned into
Parquet first, on this machine; Parquet and Avro go as they are. “-” reads from stdin. Several files go one after the
other; one that fails does not stop the rest.

Options:
  --mode M           merge (default): insert, update, delete by key
                     append: only insert, for tables without a key in the file
                     snapshot: merge, and delete what the file does not have
  --on-error W       skip (refuse the bad rows) or abort (load nothing)
  --max-errors N     give up after N bad rows; none for no limit
  --dry-run          say what would happen, write nothing
  --force            a new job in any case; each push of a file makes one anyway
  --map FROM=TO      the file's column FROM is the figura's column TO; may be repeated
  --format F         parquet, avro, csv, json or ndjson, where the bytes do not tell
  --as-is            send without converting
  --watch            follow the job until it ends, which is what happens anyhow
  --no-wait          return as soon as the job is queued
${csv}

${common}

Examples:
  carga push fornecedores lista.json
  carga push fornecedores entregas/*.parquet
  carga push municipios municipios.csv --delimiter ";" --encoding windows-1252 --decimal ,
  carga push fornecedores lista.csv --map "Nº documento=documento" --dry-run
  psql -c "copy t to stdout csv header" | carga push municipios - --format csv
  carga push fornecedores lista.parquet --json | jq .rows

A line that is cut is tried again by itself. An upload that was cut for good, or by Ctrl-C, goes on where it stopped
when the same command comes again within an hour; files up to 64 MiB go in one piece and begin anew. Ctrl-C while the
job runs only ends the watching. With several files --json gives an array of {file, job} and {file, error}, and the
exit code is that of the worst.`,

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

  errors: `Downloads the rejected rows of a job: fix them, send them again.

Usage: carga errors ID [OUT] [OPTIONS]

The columns are those of the file, then _row, _column, _code and _message, which are ignored when the file comes back.
Without OUT, or with “-”, the rows go to stdout.

Options:
  --format F       csv, ndjson, json or parquet; else what the extension of OUT says, else csv
  --figura NAME    the job's figura; found by itself when left out

${common}

Examples:
  carga errors 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b fix.csv
  carga errors 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b --format ndjson | jq ._message`,

  retry: `Tries a job that failed again, and follows it until it ends.

Usage: carga retry ID [OPTIONS]

Options:
  --no-wait        return as soon as the job is queued
  --figura NAME    the job's figura; found by itself when left out

${common}

Example:
  carga retry 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b

It exits as push does. A file with bad rows is not retried: fix the rows and push them.`,

  cancel: `Ends a job. What was not merged is not merged: the table stays as it was.

Usage: carga cancel ID [OPTIONS]

Options:
  --figura NAME    the job's figura; found by itself when left out

${common}

Example:
  carga cancel 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b`,

  completion: `Prints what teaches a shell to complete commands, options and their values.

Usage: carga completion bash|zsh|fish

  --lang L     pt-BR or en
  -h, --help   this text

Examples:
  eval "$(carga completion bash)"                                    # in ~/.bashrc
  eval "$(carga completion zsh)"                                     # in ~/.zshrc
  carga completion fish > ~/.config/fish/completions/carga.fish`,

  keys: `Lists, makes and revokes API keys. For administrators.

Usage: carga keys [list]
       carga keys create NAME [OPTIONS]
       carga keys revoke ID

The secret of a new key goes to stdout, this once.

Options:
  --role R         viewer, operator (default) or admin
  --figura NAME    a figura the key may use; may be repeated; all when left out
  --expires DATE   when the key ends, such as 2027-01-31

${common}

Examples:
  carga keys create erp --role operator --figura fornecedores --expires 2027-01-31
  carga keys revoke 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b`,

  login: `Tries an API key and keeps it, with the service's address, for the commands to come.

Usage: carga login [OPTIONS]

On a terminal the key is typed without being shown; else it is the first line of stdin. The profile lies in
CARGA_PROFILE, or carga/profile.json in the folder of your settings; only you can read it. CARGA_URL, CARGA_API_KEY,
--url and --key come before it, and its key goes to its address only.

${common}

Examples:
  carga login --url https://carga.example
  carga login --url https://carga.example < key.txt`,

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
