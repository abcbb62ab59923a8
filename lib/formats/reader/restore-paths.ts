/** Next to the output: rows on their way from Avro to Parquet. */
export function intermediatePath(outputPath: string): string {
  return `${outputPath}.rows`;
}
