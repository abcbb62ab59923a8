import type { ChangeFiguraDto, FiguraDto } from '#lib/api/schemas.ts';

/** What a change of settings does to the loads that follow; each has a text in `figuras.impact`. */
export type Impact =
  | 'onErrorSkip'
  | 'onErrorAbort'
  | 'unknownReject'
  | 'unknownIgnore'
  | 'maxErrors'
  | 'maxFileBytes'
  | 'maxDeleteRatio'
  | 'opColumn'
  | 'key'
  | 'mapping'
  | 'requiredColumns';

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** What is different from how the figura is now; the title alone harms nobody. */
export function impactOf(figura: FiguraDto, change: ChangeFiguraDto): Impact[] {
  const impacts: Impact[] = [];
  if (change.onError && change.onError !== figura.onError) {
    impacts.push(change.onError === 'abort' ? 'onErrorAbort' : 'onErrorSkip');
  }
  if (change.unknownColumns && change.unknownColumns !== figura.unknownColumns) {
    impacts.push(change.unknownColumns === 'reject' ? 'unknownReject' : 'unknownIgnore');
  }
  if (change.maxErrors !== undefined && change.maxErrors !== figura.maxErrors) impacts.push('maxErrors');
  if (change.maxFileBytes !== undefined) impacts.push('maxFileBytes');
  if (change.maxDeleteRatio !== undefined && change.maxDeleteRatio !== figura.limits.maxDeleteRatio) {
    impacts.push('maxDeleteRatio');
  }
  if (change.opColumn && change.opColumn !== figura.opColumn) impacts.push('opColumn');
  if (change.key && !isSame(change.key, figura.key)) impacts.push('key');
  if (change.mapping && !isSame(Object.entries(change.mapping).sort(), Object.entries(figura.mapping).sort())) {
    impacts.push('mapping');
  }
  if (change.requiredColumns && !isSame([...change.requiredColumns].sort(), [...figura.requiredColumns].sort())) {
    impacts.push('requiredColumns');
  }
  return impacts;
}
