import type { Document } from 'mongodb';
import { fieldOf, partsOf, type Expression } from './computed-keys';

/** The bounds for both coordinates of a point, inclusive. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Returns an aggregation expression that is true if a 2d index refuses the value at a path. The index accepts a pair of numbers within its
 * bounds, or a list of such pairs. A pair is a list or an object, of which the index reads the first two values. The index skips empty
 * values, and values that are neither a list nor an object. This is the observed behaviour of mongod 7.0.28.
 * @see https://www.mongodb.com/docs/v7.0/core/indexes/index-types/geospatial/2d/
 */
export function refusesPoints(path: string, bounds: Bounds): Document {
  const found = valuesAt('$$ROOT', path.split('.'), 0);
  return { $anyElementTrue: [{ $map: { input: found, as: 'value', in: isRefused('$$value', bounds) } }] };
}

/** Returns the values at a path. If the path leads through an array, the result contains the values of each element. */
function valuesAt(value: Expression, [name = '', ...others]: readonly string[], depth: number): Document {
  const field = `field${depth}`;
  const element = `element${depth}`;
  const found = `$$${field}`;
  const below =
    others.length === 0
      ? [found]
      : {
          $reduce: {
            input: {
              $map: {
                input: { $cond: [{ $isArray: [found] }, found, [found]] },
                as: element,
                in: valuesAt(`$$${element}`, others, depth + 1),
              },
            },
            initialValue: [],
            in: { $concatArrays: ['$$value', '$$this'] },
          },
        };
  return { $let: { vars: { [field]: fieldOf(value, name) }, in: below } };
}

function isRefused(value: string, bounds: Bounds): Document {
  const isBadPart = {
    $cond: [{ $in: [{ $type: '$$part' }, ['array', 'object']] }, isBadPair(partsOf('$$part'), bounds), true],
  };
  return {
    $let: {
      vars: { parts: partsOf(value) },
      in: {
        $cond: [
          { $isNumber: { $first: '$$parts' } },
          isBadPair('$$parts', bounds),
          { $anyElementTrue: [{ $map: { input: '$$parts', as: 'part', in: isBadPart } }] },
        ],
      },
    },
  };
}

/** Returns whether the index refuses these parts as a pair. The index skips an empty list or object, so an empty one is not refused. */
function isBadPair(parts: Expression, { min, max }: Bounds): Document {
  const at = (position: number) => ({ $arrayElemAt: ['$$pair', position] });
  // NaN sorts below every number, so it is not within the bounds.
  const isIn = (value: Document) => ({ $and: [{ $isNumber: value }, { $gte: [value, min] }, { $lte: [value, max] }] });
  return {
    $let: {
      vars: { pair: parts },
      in: { $and: [{ $ne: ['$$pair', []] }, { $not: [{ $and: [isIn(at(0)), isIn(at(1))] }] }] },
    },
  };
}
