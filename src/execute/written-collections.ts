/** The collections that data steps write to. A step that does not declare its collections may write to any collection. */
export class WrittenCollections {
  readonly #names = new Set<string>();
  #any = false;

  add(names: readonly string[] | undefined): void {
    if (!names) this.#any = true;
    for (const name of names ?? []) this.#names.add(name);
  }

  has(...names: readonly string[]): boolean {
    return this.#any || names.some((name) => this.#names.has(name));
  }
}
