/** Gives each type of a generated file a unique name. */
export class TypeNames {
  readonly #used: Set<string>;

  /** @param taken reserved names: the words of the language, and the imports of the file */
  constructor(taken: Iterable<string>) {
    this.#used = new Set(taken);
  }

  /** Returns `WebhookDeliveryLastError` for the field `last_error` of the outer type `WebhookDelivery`. */
  nameFor(outer: string, field = ''): string {
    const words = field.split(/[^A-Za-z0-9]+/).filter(Boolean);
    let name = outer + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
    while (this.#used.has(name)) name += 'Model';
    this.#used.add(name);
    return name;
  }
}
