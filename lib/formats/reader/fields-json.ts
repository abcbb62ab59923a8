/** A CSV row of another width than the header, as it came: fields too many are called `column_N`. */
export function fieldsJson(columns: readonly string[], fields: readonly string[]): string {
  const taken = new Set(columns);
  const members = fields.map((field, index) => {
    let name = columns[index] ?? `column_${index + 1}`;
    while (index >= columns.length && taken.has(name)) name += '_';
    return `${JSON.stringify(name)}:${JSON.stringify(field)}`;
  });
  return `{${members.join(',')}}`;
}
