/**
 * What the browser converts is uploaded as `municipios.csv.parquet`: the name of the file a person chose, and what it
 * became. People are shown the name they know.
 */
const CONVERTED = /^(.+\.(?:csv|tsv|txt|json|ndjson|jsonl|xlsx|xlsm))\.parquet$/i;

/** Name for the upload of a converted file. */
export function convertedName(fileName: string): string {
  return `${fileName}.parquet`;
}

/** The name of the file a person chose, and whether it was sent as Parquet instead. */
export function chosenFile(fileName: string): { name: string; isConverted: boolean } {
  const [, name] = CONVERTED.exec(fileName) ?? [];
  return name === undefined ? { name: fileName, isConverted: false } : { name, isConverted: true };
}
