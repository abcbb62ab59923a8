import type { FormatFault, FormatFaultCode } from '#lib/formats/format-fault.ts';
import type { JobPhase, JobStatus } from '#lib/job/job-states.ts';
import type { RowOutcomes } from '#lib/job/row-outcomes.ts';
import type { Messages } from './message-types.ts';

const phases: Record<JobPhase, string> = {
  reading: 'lendo o arquivo',
  staging: 'preparando as linhas',
  validating: 'conferindo as linhas',
  merging: 'gravando',
  done: 'terminada',
};
const statuses: Record<JobStatus, string> = {
  queued: 'na fila',
  processing: 'em andamento',
  complete: 'concluída',
  error: 'falhou',
  cancelled: 'cancelada',
};

/** The scanners tell details in English; what kind of fault it is can be said first. */
const faults: Partial<Record<FormatFaultCode, string>> = {
  empty_file: 'o arquivo está vazio',
  malformed_json: 'o JSON está malformado',
  malformed_csv: 'o CSV está malformado',
  truncated_file: 'o arquivo está cortado',
  trailing_data: 'sobra conteúdo depois do fim',
  invalid_encoding: 'a codificação do texto não é a esperada',
  row_not_object: 'há um item que não é um objeto',
  row_too_large: 'uma linha é grande demais',
  nesting_too_deep: 'há níveis demais aninhados',
  too_many_columns: 'há colunas demais',
  duplicate_column: 'uma coluna aparece duas vezes',
  invalid_column_name: 'o nome de uma coluna não serve',
  not_parquet: 'o arquivo não é Parquet',
  not_avro: 'o arquivo não é Avro',
  corrupt_file: 'o arquivo está danificado',
  encrypted_file: 'o arquivo está cifrado',
  unsupported_encoding: 'o arquivo usa uma codificação que não é lida',
  unsupported_type: 'o arquivo usa um tipo que não é lido',
  file_too_complex: 'o arquivo é complexo demais',
  memory_limit: 'a leitura exige memória demais',
};

/** What became of one row, and of several: the words of the pages. */
const outcomes: Record<Exclude<keyof RowOutcomes, 'read'>, [one: string, several: string]> = {
  inserted: ['incluída', 'incluídas'],
  updated: ['alterada', 'alteradas'],
  deleted: ['excluída', 'excluídas'],
  unchanged: ['já igual', 'já iguais'],
  skipped: ['pulada', 'puladas'],
  rejected: ['recusada', 'recusadas'],
};

const rowsOf = (count: string) => (count === '1' ? '1 linha' : `${count} linhas`);

/** Portuguese texts of the command. */
export const ptBR: Messages = {
  unknownCommand: (name, nearest) => `Não existe o comando “${name}”.${nearest ? ` Seria “${nearest}”?` : ''}`,
  unknownOption: (name, nearest) => `Não existe a opção ${name}.${nearest ? ` Seria ${nearest}?` : ''}`,
  optionTakesNoValue: (name) => `A opção ${name} não leva valor.`,
  optionNeedsValue: (name) => `Falta o valor da opção ${name}; um que começa com “-” vai depois de “=”.`,
  optionValue: (name, value, values) => `A opção ${name} aceita ${values}, não “${value}”.`,
  optionTwice: (name) => `A opção ${name} foi dada duas vezes.`,
  missingArgument: (names) => `Falta: ${names}.`,
  extraArgument: (value) => `“${value}” está sobrando. Um nome com espaços vai entre aspas.`,
  wrongWord: (value, words) => `“${value}” não é nenhum destes: ${words}.`,
  wrongLanguage: (languages) => `A opção --lang aceita ${languages}.`,
  stdinTwice: 'A entrada padrão (“-”) só pode ser enviada uma vez.',
  watchOrNot: '--watch e --no-wait se contradizem.',
  helpAt: (command) => `Ajuda e exemplos: ${command}`,
  wrongUrl: (value) => `“${value}” não é um endereço como http://localhost:3000 (--url ou CARGA_URL).`,
  noKey:
    'Falta a chave de API. Ponha-a em CARGA_API_KEY ou passe --key. Administradores criam chaves na página de chaves de API.',
  strangeKey: 'A chave de API tem espaços ou caracteres que nenhuma chave tem. Confira --key ou CARGA_API_KEY.',
  wrongFigura: (value) =>
    `“${value}” não é nome de figura: letras minúsculas, algarismos e “_”, começando por letra. Veja carga figuras.`,
  wrongNumber: (name, value) => `A opção ${name} aceita um número inteiro a partir de 0 ou “none”, não “${value}”.`,
  wrongMap: (value) => `“${value}” não é uma correspondência: --map leva “coluna do arquivo=coluna da figura”.`,
  wrongDelimiter: (value) => `“${value}” não é um separador: um caractere, ou “tab”.`,
  wrongEncoding: (value) => `“${value}” não é uma codificação conhecida aqui; as usuais são utf-8 e windows-1252.`,
  wrongDateFormat: (value) => `“${value}” não é um formato de data: dd, mm e yyyy em qualquer ordem, como dd/mm/yyyy.`,
  wrongId: (value) => `“${value}” não é o id de uma carga, como 0193a1b2-….`,
  jobNotFound: (id) => `Não existe a carga ${id}, ou a chave não pode vê-la.`,
  interrupted: 'Interrompido.',
  noConnection: (origin, reason) =>
    `${origin} não responde (${reason}). O serviço está no ar? Outro endereço vai em --url ou CARGA_URL.`,
  notCarga: (status) => `O que responde ali não é o Carga (HTTP ${status}). Confira --url ou CARGA_URL.`,
  keyHint: 'A chave vem de --key ou CARGA_API_KEY: pode ter sido digitada errado, vencida ou revogada.',
  requestId: (code, id) => `(código ${code}, pedido ${id})`,
  uploadRefused: (message, code) => `O bucket não aceitou o arquivo: ${message} (${code})`,
  systemFault: (code, path) => {
    const reason: Record<string, string> = {
      ENOENT: 'não existe',
      EACCES: 'não pode ser lido ou gravado',
      EPERM: 'não pode ser lido ou gravado',
      EISDIR: 'é uma pasta',
      ENOSPC: 'não cabe: o disco está cheio',
    };
    return `${path || 'Um arquivo'} ${reason[code] ?? `não pode ser usado (${code})`}.`;
  },
  formatFault: (fault) =>
    `Não é possível ler o arquivo${placeOf(fault)}: ${faults[fault.code] ?? fault.code} (${fault.code}). ${fault.detail}`,
  unknownFormat: (name, detail) =>
    `${name}: formato não reconhecido. O Carga aceita Parquet, Avro, CSV, JSON e NDJSON; --format diz qual é. (${detail})`,
  readingStdin: 'Lendo',
  converting: 'Convertendo',
  uploading: 'Enviando',
  ofTotal: (part, total) => `${part} de ${total}`,
  perSecond: (amount) => `${amount}/s`,
  timeLeft: (duration) => `faltam ${duration}`,
  rows: rowsOf,
  converted: (name, rows, before, after) => `${name}: ${rowsOf(rows)}, ${before} → Parquet de ${after}`,
  rowFaultsSeen: (count) =>
    count === '1'
      ? '1 linha não cabe na tabela do arquivo; a carga dirá qual é.'
      : `${count} linhas não cabem na tabela do arquivo; a carga dirá quais são, uma a uma.`,
  uploadGivenUp: 'Interrompido: o envio foi desfeito, nada foi carregado.',
  uploadKept: 'O envio foi cortado. O que chegou fica guardado por uma hora: o mesmo comando continua dali.',
  uploadResumed: 'Continuando um envio deste arquivo que foi cortado.',
  uploadTriedAgain: 'O envio foi cortado: tentando de novo.',
  fileOf: (number, count, name) => `[${number}/${count}] ${name}`,
  filesDone: (good, count) => `${good} de ${count} arquivos ${good === 1 ? 'foi carregado' : 'foram carregados'}.`,
  enqueued: (id) => `A carga ${id} está na fila.`,
  loading: 'Carregando',
  phase: (status, phase) => (status === 'processing' && phase !== null ? phases[phase] : statuses[status]),
  reconnecting: 'conexão perdida, tentando de novo',
  goesOn: (command) => `A carga continua sem este comando. Para acompanhar de novo: ${command}`,
  status: (status) => statuses[status],
  headline: (figura, status, isDryRun) => `${figura}: ${status}${isDryRun ? ' (simulação: nada foi gravado)' : ''}`,
  outcome: (outcome, count) => outcomes[outcome][count === 1 ? 0 : 1],
  read: (count) => (count === 1 ? 'linha lida' : 'linhas lidas'),
  attempts: (count) => `${count} tentativas (retomada após falha)`,
  fileLine: 'Arquivo',
  jobLine: 'Carga',
  timeLine: 'Tempo',
  pageLine: 'Página',
  errorLine: 'Motivo',
  timings: (total, parts) => `${total} (${parts})`,
  timingNames: {
    queuedMs: 'fila',
    readMs: 'leitura',
    stageMs: 'preparo',
    validateMs: 'conferência',
    mergeMs: 'gravação',
  },
  rejectedTitle: (shown, all) =>
    shown === all ? 'Linhas recusadas:' : `Linhas recusadas (as ${shown} primeiras de ${all}):`,
  rejectedHead: ['linha', 'coluna', 'valor', 'motivo'],
  noValue: '(nenhum)',
  wholeRow: '(linha toda)',
  rejectedAll: 'Todas, num arquivo para corrigir e enviar de novo:',
  figurasHead: ['figura', 'título', 'tabela', 'chave', 'última carga'],
  columnsHead: ['coluna', 'tipo', 'obrigatória', 'chave', 'padrão'],
  noFiguras:
    'Ainda não há figuras, ou a chave não recebeu nenhuma. Administradores registram tabelas com POST /api/figuras.',
  noJob: 'nenhuma ainda',
  yes: 'sim',
  keysHead: ['id', 'nome', 'chave', 'papel', 'figuras', 'criada por', 'último uso', 'fim'],
  never: 'nunca',
  revoked: 'revogada',
  expires: (moment) => `vence em ${moment}`,
  wrongMoment: (value) => `“${value}” não é uma data, como 2027-01-31.`,
  secretOnce: (id) => `Chave ${id}. O segredo aparece só desta vez.`,
  enterKey: 'Chave de API (o que se digita não aparece):',
  noKeyGiven: 'Nenhuma chave de API veio pela entrada padrão, nem por --key.',
  loggedIn: (url, file) => `${url} responde. Endereço e chave ficaram em ${file}.`,
  convertedTo: (name, rows, bytes) => (rows === null ? `${name}: ${bytes}` : `${name}: ${rowsOf(rows)}, ${bytes}`),
  unknownExtension: (name) =>
    `${name}: a extensão diz o que gravar; são conhecidas .parquet, .json, .ndjson, .csv e .avro.`,
  sameFile: 'IN e OUT são o mesmo arquivo.',
};

function placeOf({ line, column, row, byteOffset }: FormatFault): string {
  if (line !== null) return ` a partir da linha ${line}${column === null ? '' : `, coluna ${column}`}`;
  if (row !== null) return ` a partir da linha de dados ${row}`;
  return byteOffset === null ? '' : ` a partir do byte ${byteOffset}`;
}
