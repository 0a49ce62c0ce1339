import { apply, Draft, emptySchema, timeSeriesOf, type Change, type Contents } from '../schema';
import { nearest } from '../support/nearest';
import type { ErrorDetails } from '../support/schema-error';
import { KnownFields } from './known-fields';
import { isDataStep, type DataStep, type Migration } from './types';

/** Why a data step would do nothing: it names an unknown collection or field. */
export interface TargetProblem extends Pick<ErrorDetails, 'fix'> {
  readonly why: string;
  /** The wrong name, quoted as in the source. */
  readonly quoted: string;
}

/**
 * The collections and fields that are known after each migration, and that its data steps may therefore name. A data step with a
 * mistyped name would do nothing, but would be recorded as applied.
 */
export class KnownTargets {
  readonly #draft = new Draft(emptySchema);
  readonly #fields = new Map<string, KnownFields>();

  /** Adds the next migration. Returns the problem of the first data step that names an unknown collection or field. */
  take({ steps, changes }: Pick<Migration, 'steps' | 'changes'>): TargetProblem | undefined {
    // When a collection is renamed, its known fields move to the new name.
    for (const one of changes) {
      if (one.kind === 'collection.name' && one.from !== undefined && one.to !== undefined)
        this.#fields.set(one.to, this.#fieldsOf(one.from));
    }
    for (const one of changes) this.#learn(one);
    let problem: TargetProblem | undefined;
    for (const step of steps) {
      if (isDataStep(step)) {
        problem ??= this.#collectionProblem(step) ?? this.#fieldProblem(step);
        for (const names of step.sets ?? []) this.#fieldsOf(step.writes?.[0] ?? '').add(names);
      } else for (const one of step.changes) this.#apply(one);
    }
    return problem;
  }

  /** Returns the current names of all known collections, in order. */
  collections(): string[] {
    return this.#draft.names().filter((name) => this.#draft.kindOf(name) === 'collection');
  }

  /** Returns the fields of the collection that are known so far. */
  fieldsOf(collection: string): Pick<KnownFields, 'has' | 'nearest'> {
    return this.#fieldsOf(collection);
  }

  #fieldsOf(collection: string): KnownFields {
    const found = this.#fields.get(collection) ?? new KnownFields();
    this.#fields.set(collection, found);
    return found;
  }

  /** Applies a change without checking whether it fits, because the fold reports such errors. */
  #apply(one: Change): void {
    const { collection } = one.place;
    if (one.kind !== 'collection' && one.kind !== 'view' && !this.#draft.kindOf(collection)) return;
    apply(one, this.#draft);
    if (one.kind === 'collection' && one.to === undefined) this.#fields.delete(collection);
    if (one.kind === 'collection.name') this.#fields.delete(one.from ?? '');
  }

  #learn({ kind, place, from, to }: Change): void {
    const fields = this.#fieldsOf(place.collection);
    for (const side of [from, to]) {
      if (side === undefined) continue;
      if (kind === 'validator') fields.addValidator(side as NonNullable<Contents['validator']>);
      if (kind === 'document') for (const name of Object.keys(side)) fields.add([name]);
      if (kind !== 'index') continue;
      const { key, weights = {}, partialFilterExpression = {} } = side as NonNullable<Contents['indexes']>[string];
      for (const name of Object.keys({ ...key, ...weights })) fields.add(name.split('.'));
      fields.addValidator({ validator: partialFilterExpression });
    }
  }

  #collectionProblem({ writes = [], updates, expects, loses }: DataStep): TargetProblem | undefined {
    const name = writes.find((one) => this.#draft.kindOf(one) !== 'collection');
    const series = writes.find((one) => timeSeriesOf(this.#draft.find(one)?.options));
    if (name === undefined && series !== undefined && (updates ?? expects ?? loses)) {
      return {
        why: `${series} is a time series, where MongoDB can update only the metaField, with a filter on only that field`,
        fix: 'update it in a step of `run`, or copy the wanted documents into another time series',
        quoted: series,
      };
    }
    if (name === undefined) return undefined;
    if (this.#draft.kindOf(name) === 'view') {
      return {
        why: `${name} is a view, which holds no documents`,
        fix: 'name the collection that the view reads from',
        quoted: name,
      };
    }
    const near = nearest(name, this.collections());
    const create = 'it must be created first, with createCollections';
    return {
      why: `the collection ${name} does not exist at this point`,
      fix: near === undefined ? create : `did you mean ${near}? Otherwise, ${create}`,
      quoted: name,
    };
  }

  #fieldProblem({ writes = [], expects = [] }: DataStep): TargetProblem | undefined {
    const [collection = ''] = writes;
    const fields = this.#fieldsOf(collection);
    const unknown = expects.find((names) => !fields.has(names));
    if (!unknown) return undefined;
    const near = fields.nearest(unknown);
    const declare = 'if documents do have this field, declare that: `undeclared: true`';
    return {
      why: `no validator, index or data step mentions a field ${unknown.join('.')} of ${collection}`,
      fix: near === undefined ? declare : `did you mean ${near}? Otherwise, ${declare}`,
      quoted: unknown.join('.'),
    };
  }
}
