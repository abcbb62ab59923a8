import type { HelpTexts } from './message-types.ts';

const common = `Opções de todo comando que fala com o serviço:
  --url URL    endereço do serviço (CARGA_URL; http://localhost:3000)
  --key CHAVE  chave de API; melhor em CARGA_API_KEY, onde outros usuários da máquina não a veem
  --json       o resultado em JSON na saída padrão; andamento e avisos ficam na de erros
  --lang L     pt-BR ou en; senão CARGA_LANG, LC_ALL, LC_MESSAGES, LANG
  -h, --help   este texto`;

const csv = `  --delimiter C      ";", "," … ou tab          } o que não
  --encoding NOME    utf-8, windows-1252 …     } se diz
  --decimal C        "." ou ","                } é detectado
  --date-format F    como dd/mm/yyyy           }
  --header W         yes ou no: a primeira     }
                     linha dá os nomes         }`;

/** Portuguese help texts. */
export const helpPtBR: HelpTexts = {
  carga: `carga leva arquivos a tabelas: cada linha incluída, alterada, excluída, deixada como está ou recusada com o motivo.

Uso: carga COMANDO [OPÇÕES]

  push FIGURA ARQUIVO…    envia arquivos e acompanha até as linhas estarem na tabela
  status ID               como vai uma carga
  errors ID [SAÍDA]       as linhas recusadas de uma carga, num arquivo para corrigir
  retry ID                tenta de novo uma carga que falhou
  cancel ID               encerra uma carga, sem tocar na tabela
  figuras [NOME]          o que pode ser carregado, e com que colunas
  convert ENTRADA SAÍDA   passa um arquivo a outro formato, sem o serviço
  keys [AÇÃO]             lista, cria e revoga chaves de API
  login                   guarda o endereço do serviço e uma chave
  completion SHELL        ensina bash, zsh ou fish a completar estas palavras

Primeiros passos:
  carga login --url http://localhost:3000
  carga figuras
  carga push fornecedores lista_fornecedores.json --dry-run
  carga push fornecedores lista_fornecedores.json

carga COMANDO --help explica um comando, com exemplos; carga --version diz qual é este.
Idioma: --lang pt-BR ou en; senão CARGA_LANG, LC_ALL, LC_MESSAGES, LANG (pt… é português; outro, inglês).

Códigos de saída:
    0  concluída           3  concluída, mas com linhas recusadas
    1  falhou, recusada    4  sem conexão, ou a chave não é aceita
    2  uso errado        130  interrompido`,

  push: `Envia arquivos a uma figura e acompanha cada carga até o fim.

Uso: carga push FIGURA ARQUIVO… [OPÇÕES]

ARQUIVO pode ser Parquet, Avro, CSV, JSON ou NDJSON; o formato se vê pelos bytes. CSV, JSON e NDJSON são convertidos
antes em Parquet, nesta máquina; Parquet e Avro vão como estão. “-” lê da entrada padrão. Vários arquivos vão um depois
do outro; um que falha não impede os demais.

Opções:
  --mode M           merge (padrão): inclui, altera e exclui pela chave
                     append: só inclui, para tabelas sem chave no arquivo
                     snapshot: merge, e exclui o que não está no arquivo
  --on-error O       skip (recusa as linhas ruins) ou abort (não carrega nada)
  --max-errors N     desiste depois de N linhas ruins; none para não ter limite
  --dry-run          diz o que aconteceria, sem gravar nada
  --force            outra carga em todo caso; cada push de um arquivo já faz uma
  --map DE=PARA      a coluna DE do arquivo é a coluna PARA da figura; pode repetir
  --format F         parquet, avro, csv, json ou ndjson, quando os bytes não dizem
  --as-is            envia sem converter
  --watch            acompanha até o fim, o que já acontece sem ela
  --no-wait          volta assim que a carga entra na fila
${csv}

${common}

Exemplos:
  carga push fornecedores lista.json
  carga push fornecedores entregas/*.parquet
  carga push municipios municipios.csv --delimiter ";" --encoding windows-1252 --decimal ,
  carga push fornecedores lista.csv --map "Nº documento=documento" --dry-run
  psql -c "copy t to stdout csv header" | carga push municipios - --format csv
  carga push fornecedores lista.parquet --json | jq .rows

Uma conexão cortada é tentada de novo sozinha. Um envio cortado de vez, ou por Ctrl-C, continua de onde parou quando o
mesmo comando volta dentro de uma hora; arquivos de até 64 MiB vão de uma vez e recomeçam. Ctrl-C durante a carga só
termina o acompanhamento. Com vários arquivos, --json dá uma lista de {file, job} e {file, error}, e o código de saída é
o do pior.`,

  status: `Mostra como vai uma carga.

Uso: carga status ID [OPÇÕES]

Opções:
  --watch          acompanha até o fim
  --figura NOME    a figura da carga; é encontrada sozinha quando falta

${common}

Exemplos:
  carga status 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b
  carga status 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b --watch
  carga status 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b --json | jq .progress.percent

Sai como push: 0 concluída, 3 com linhas recusadas, 1 falhou. Uma carga ainda em andamento é 0.`,

  errors: `Baixa as linhas recusadas de uma carga: corrija e envie de novo.

Uso: carga errors ID [SAÍDA] [OPÇÕES]

As colunas são as do arquivo, depois _row, _column, _code e _message, que são ignoradas quando o arquivo volta.
Sem SAÍDA, ou com “-”, as linhas vão para a saída padrão.

Opções:
  --format F       csv, ndjson, json ou parquet; senão o que diz a extensão de SAÍDA, senão csv
  --figura NOME    a figura da carga; é encontrada sozinha quando falta

${common}

Exemplos:
  carga errors 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b corrigir.csv
  carga errors 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b --format ndjson | jq ._message`,

  retry: `Tenta de novo uma carga que falhou e acompanha até o fim.

Uso: carga retry ID [OPÇÕES]

Opções:
  --no-wait        termina assim que a carga está na fila
  --figura NOME    a figura da carga; é encontrada sozinha quando falta

${common}

Exemplo:
  carga retry 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b

Sai como push. Um arquivo com linhas ruins não se tenta de novo: corrija as linhas e envie.`,

  cancel: `Encerra uma carga. O que não foi gravado não será: a tabela fica como estava.

Uso: carga cancel ID [OPÇÕES]

Opções:
  --figura NOME    a figura da carga; é encontrada sozinha quando falta

${common}

Exemplo:
  carga cancel 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b`,

  completion: `Imprime o que ensina um shell a completar comandos, opções e seus valores.

Uso: carga completion bash|zsh|fish

  --lang L     pt-BR ou en
  -h, --help   este texto

Exemplos:
  eval "$(carga completion bash)"                                    # no ~/.bashrc
  eval "$(carga completion zsh)"                                     # no ~/.zshrc
  carga completion fish > ~/.config/fish/completions/carga.fish`,

  keys: `Lista, cria e revoga chaves de API. Para administradores.

Uso: carga keys [list]
     carga keys create NOME [OPÇÕES]
     carga keys revoke ID

O segredo de uma chave nova vai para a saída padrão, só desta vez.

Opções:
  --role P         viewer, operator (padrão) ou admin
  --figura NOME    uma figura que a chave pode usar; pode repetir; todas quando falta
  --expires DATA   quando a chave acaba, como 2027-01-31

${common}

Exemplos:
  carga keys create erp --role operator --figura fornecedores --expires 2027-01-31
  carga keys revoke 0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b`,

  login: `Experimenta uma chave de API e a guarda, com o endereço do serviço, para os próximos comandos.

Uso: carga login [OPÇÕES]

Num terminal a chave se digita sem aparecer; fora dele, é a primeira linha da entrada padrão. O perfil fica em
CARGA_PROFILE, ou em carga/profile.json na pasta das suas configurações; só você pode lê-lo. CARGA_URL, CARGA_API_KEY,
--url e --key vêm antes, e a chave só vai a esse endereço.

${common}

Exemplos:
  carga login --url https://carga.example
  carga login --url https://carga.example < chave.txt`,

  figuras: `Lista o que pode ser carregado, ou mostra as colunas de uma figura.

Uso: carga figuras [NOME] [OPÇÕES]

${common}

Exemplos:
  carga figuras
  carga figuras fornecedores
  carga figuras --json | jq -r ".[].name"`,

  convert: `Passa um arquivo a outro formato, só nesta máquina: sem serviço, sem chave.

Uso: carga convert ENTRADA SAÍDA [OPÇÕES]

ENTRADA pode ser Parquet, Avro, CSV, JSON ou NDJSON, o que se vê pelos bytes. A extensão de SAÍDA diz o que gravar:
.parquet, .json, .ndjson (.jsonl), .csv, .avro. Um arquivo que já existe é trocado quando o novo está inteiro. Parquet
feito de JSON volta como JSON igual, com os subníveis.

Opções:
  --format F         o formato de ENTRADA, quando os bytes não dizem
${csv}
  --json             o resultado em JSON na saída padrão
  -h, --help         este texto

Exemplos:
  carga convert lista.json lista.parquet
  carga convert lista.parquet volta.json
  carga convert municipios.csv municipios.parquet --encoding windows-1252
  carga convert eventos.avro eventos.ndjson`,
};
