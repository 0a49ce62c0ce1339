/** The names that the generated module imports, and the built-in names that its annotations use. */
const imported =
  'Annotated Any Document Field Final Literal MISSING MIGRATIONS Mapping MODELS NEW_MODELS bool dict float int list str';
const keywords =
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield';
/** The attributes of a Pydantic model, and the attributes that the generated models add. */
const attributes =
  'construct copy dict from_orm json parse_file parse_obj parse_raw schema schema_json to_document update_forward_refs validate';
/** The names that are not allowed for classes and fields. */
export const taken: ReadonlySet<string> = new Set(
  [imported, keywords, attributes].flatMap((names) => names.split(' ')),
);

/** Returns each field's name in Python, by its name in the document. A field keeps its name when Python and Pydantic allow it. */
export function fieldNames(fields: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  // Fields that keep their names come first, so that none of them is renamed.
  for (const field of fields.filter(isPlain)) names.set(field, field);
  const used = new Set(names.values());
  for (const field of fields) {
    if (names.has(field)) continue;
    let name = field.replace(/[^A-Za-z0-9_]/g, '_').replace(/^_+/, '');
    if (!/^[A-Za-z]/.test(name) || name.startsWith('model_')) name = `field_${name}`;
    while (taken.has(name) || used.has(name)) name += '_';
    names.set(field, name);
    used.add(name);
  }
  return names;
}

function isPlain(field: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(field) && !field.startsWith('model_') && !taken.has(field);
}
