import {
  change,
  commandsFor,
  describePlace,
  equal,
  mongosh,
  type Contents,
  type Location,
  type View,
} from '../../schema';
import { describeView, describeViewChange } from '../explain';
import { sides, type LocatedFinding } from './findings';

function viewAt(name: string): Location<'view'> {
  return { kind: 'view', place: { collection: name } };
}

export function missingView(name: string, { view }: Contents, other: string | undefined): LocatedFinding {
  return {
    kind: 'view missing',
    location: viewAt(name),
    place: describePlace(viewAt(name)),
    ...sides(view, other),
    words: other === undefined ? [] : [`a ${other} with that name exists`],
    fix:
      (other === undefined ? '' : `Drop or rename the ${other}. `) +
      'Create it again; if it is not needed, add a dropView to a migration.',
    commands: view ? [mongosh.createView(name, view)] : [],
  };
}

export function extraView(name: string, { view }: Contents): LocatedFinding {
  return {
    kind: 'view extra',
    location: viewAt(name),
    place: describePlace(viewAt(name)),
    ...sides(undefined, view),
    words: view ? [describeView(view)] : [],
    fix: 'To keep it, add it to a migration with createView: a deploy finds it and skips it. Otherwise drop it; no document is lost.',
    commands: [mongosh.drop(name)],
  };
}

export function compareView(name: string, expected: View | undefined, found: View | undefined): LocatedFinding[] {
  if (!expected || !found || equal('view', expected, found)) return [];
  return [
    {
      kind: 'view differs',
      location: viewAt(name),
      place: describePlace(viewAt(name)),
      ...sides(expected, found),
      words: describeViewChange(expected, found),
      fix: 'Restore the view, or add the present one to a migration with changeView.',
      commands: commandsFor(change('view', { collection: name }, found, expected)),
    },
  ];
}
