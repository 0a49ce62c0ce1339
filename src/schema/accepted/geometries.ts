import { isPlainObject } from '../plain';
import type { Plain } from '../schema';

type Points = readonly Plain[];

/** For each GeoJSON type, how many levels of arrays enclose each position in its coordinates. */
const depths: Readonly<Record<string, number>> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
};

/** The operators for shapes of legacy coordinate pairs, each with a check of its value. */
const shapes: Readonly<Record<string, (value: Plain) => boolean>> = {
  $box: (value) => isList(value) && value.length === 2 && value.every(isPair),
  $polygon: (value) => isList(value) && value.length >= 3 && value.every(isPair),
  $center: isCircle,
  $centerSphere: isCircle,
};

/** Returns the problem with the value of `$geoWithin` or `$geoIntersects`; undefined when the value is valid. */
export function geometryProblem(value: Plain): string | undefined {
  if (!isPlainObject(value)) return 'it needs an object with a shape, such as { $geometry: … }';
  const names = Object.keys(value);
  const [name = ''] = names;
  if (names.length !== 1) return 'it needs exactly one shape';
  if (name === '$geometry') return geoJsonProblem(value[name] ?? null);
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (shape === undefined) return `it needs $geometry, ${Object.keys(shapes).join(', ')}`;
  return shape(value[name] ?? null) ? undefined : `${name} has invalid coordinates`;
}

function geoJsonProblem(geometry: Plain): string | undefined {
  if (!isPlainObject(geometry)) return '$geometry needs a GeoJSON object';
  const { type, coordinates = null, geometries = null } = geometry;
  if (type === 'GeometryCollection')
    return isList(geometries) && geometries.length > 0
      ? geometries.map(geoJsonProblem).find((problem) => problem !== undefined)
      : 'a GeometryCollection needs a list of geometries';
  if (typeof type !== 'string' || !Object.hasOwn(depths, type))
    return `the type of a GeoJSON object must be one of ${Object.keys(depths).join(', ')}, GeometryCollection`;
  const depth = depths[type] ?? 0;
  if (!isNested(coordinates, depth)) return `the coordinates are not those of a ${type}`;
  const isSound = type.endsWith('Polygon')
    ? (depth === 2 ? [coordinates] : (coordinates as Points)).every((rings) => (rings as Points).every(isRing))
    : !type.endsWith('LineString') || (depth === 1 ? [coordinates] : (coordinates as Points)).every(isLine);
  return isSound ? undefined : `a ${type} has too few positions, or a ring that is not closed`;
}

function isNested(value: Plain, depth: number): boolean {
  if (depth === 0) return isPosition(value);
  return isList(value) && value.length > 0 && value.every((inner) => isNested(inner, depth - 1));
}

function isLine(value: Plain): boolean {
  return isList(value) && value.length >= 2;
}

function isRing(value: Plain): boolean {
  return isList(value) && value.length >= 4 && JSON.stringify(value[0]) === JSON.stringify(value.at(-1));
}

function isPosition(value: Plain): boolean {
  const [longitude, latitude] = isList(value) ? value : [];
  return isNumber(longitude) && isNumber(latitude) && Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
}

function isCircle(value: Plain): boolean {
  return isList(value) && value.length === 2 && isPair(value[0] ?? null) && isNumber(value[1]) && value[1] >= 0;
}

function isPair(value: Plain): boolean {
  return isList(value) && value.length === 2 && value.every(isNumber);
}

function isNumber(value: Plain | undefined): value is number {
  return typeof value === 'number';
}

function isList(value: Plain): value is Points {
  return Array.isArray(value);
}
