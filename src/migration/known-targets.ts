import { apply, Draft, emptySchema, timeSeriesOf, type Change, type Contents } from '../schema';
import { nearest } from '../support/nearest';
import type { ErrorDetails } from '../support/schema-error';
import { KnownFields } from './known-fields';
import { isDataStep, type DataStep, type Migration } from './types';

/** Why a data step has nothing to work on. */
export interface TargetProblem extends Pick<ErrorDetails, 'fix'> {
  readonly why: string;
  /** The name that is wrong, as the source quotes it. */
  readonly quoted: string;
}

/**
 * What data steps can work on, migration by migration: the collections that are there by then, and their fields as far as
 * anything speaks of them. A step on a name that nothing knows would do nothing, and be recorded as applied.
 */
export class KnownTargets {
  readonly #draft = new Draft(emptySchema);
  readonly #fields = new Map<string, KnownFields>();

  /** Takes the next migration in. Tells what is wrong with the first of its data steps that names something unknown. */
  take({ steps, changes }: Pick<Migration, 'steps' | 'changes'>): TargetProblem | undefined {
    // What is known of the fields of a collection is known of them under its next name.
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

  /** The names that stand for a collection by now, in order. */
  collections(): string[] {
    return this.#draft.names().filter((name) => this.#draft.kindOf(name) === 'collection');
  }

  /** What is known by now of the fields of a collection. */
  fieldsOf(collection: string): Pick<KnownFields, 'has' | 'nearest'> {
    return this.#fieldsOf(collection);
  }

  #fieldsOf(collection: string): KnownFields {
    const found = this.#fields.get(collection) ?? new KnownFields();
    this.#fields.set(collection, found);
    return found;
  }

  /** What the fold refuses is told by the fold. */
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
        why: `${series} is a time series, where MongoDB updates nothing but the metaField, and by that field alone`,
        fix: 'update it in a step of `run`, or copy what is wanted into another time series',
        quoted: series,
      };
    }
    if (name === undefined) return undefined;
    if (this.#draft.kindOf(name) === 'view') {
      return {
        why: `${name} is a view, which holds no documents`,
        fix: 'name the collection that it reads from',
        quoted: name,
      };
    }
    const near = nearest(name, this.collections());
    const create = 'createCollections has to come first';
    return {
      why: `the collection ${name} does not exist there`,
      fix: near === undefined ? create : `did you mean ${near}? Else ${create}`,
      quoted: name,
    };
  }

  #fieldProblem({ writes = [], expects = [] }: DataStep): TargetProblem | undefined {
    const [collection = ''] = writes;
    const fields = this.#fieldsOf(collection);
    const unknown = expects.find((names) => !fields.has(names));
    if (!unknown) return undefined;
    const near = fields.nearest(unknown);
    const declare = 'if documents have it all the same, say so: `undeclared: true`';
    return {
      why: `no validator, index or data step speaks of a field ${unknown.join('.')} of ${collection}`,
      fix: near === undefined ? declare : `did you mean ${near}? Else, ${declare}`,
      quoted: unknown.join('.'),
    };
  }
}
