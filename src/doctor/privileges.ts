import { MongoServerError, type Db, type Document } from 'mongodb';
import { unauthorized } from '../database/server-errors';
import { firstOf } from '../support/counts';
import { needsOf, type Ground, type Need } from './needs';
import type { DoctorLine } from './line';

/** The maximum number of missing privileges in a message. */
const shown = 3;

const name = 'privileges';
const fix =
  'grant the privileges to the user of MONGODB_URL, or use another user for these verbs; docs/docker.md says which users the verbs need';

/** Checks which verbs the user of a connection may use. The returned line does not contain the user's name. */
export async function privilegesLine(db: Db, ground: Ground): Promise<DoctorLine> {
  const { authInfo } = (await db.admin().command({ connectionStatus: 1, showPrivileges: true })) as {
    authInfo: { authenticatedUsers: readonly unknown[]; authenticatedUserPrivileges: readonly Privilege[] };
  };
  const needs = Object.entries(needsOf(ground));
  if (authInfo.authenticatedUsers.length === 0) return withoutLogin(db);
  const refused = needs.flatMap(([verb, wanted]) => {
    const missing = missingOf(wanted, authInfo.authenticatedUserPrivileges, ground.database);
    return missing.length === 0 ? [] : [{ verb, missing }];
  });
  if (refused.length === 0)
    return { name, state: 'ok', found: `this user may use all ${needs.length} verbs that need a server` };
  return {
    name,
    state: refused.length === needs.length ? 'problem' : 'warning',
    found: `this user lacks privileges for: ${refused.map(({ verb }) => verb).join(', ')}`,
    details: refused.map(({ verb, missing }) => `${verb} lacks ${firstOf(missing, shown)}`),
    fix,
  };
}

/** Without a login, either everything is allowed or nothing is. */
async function withoutLogin(db: Db): Promise<DoctorLine> {
  try {
    await db.command({ listCollections: 1, nameOnly: true });
    return { name, state: 'ok', found: 'the server requires no login, so every verb is allowed' };
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== unauthorized) throw error;
    return {
      name,
      state: 'problem',
      found: 'the server requires a login, but MONGODB_URL has none, so every verb is refused',
      fix: 'add user and password to MONGODB_URL; docs/docker.md says which users the verbs need',
    };
  }
}

interface Privilege {
  readonly resource: Document;
  readonly actions: readonly string[];
}

function missingOf(needs: readonly Need[], privileges: readonly Privilege[], database: string): string[] {
  return needs.flatMap(({ collection, actions }) => {
    const granted = new Set(
      privileges.filter(({ resource }) => covers(resource, database, collection)).flatMap((each) => each.actions),
    );
    const place = collection === '' ? database : `${database}.${collection}`;
    return actions.filter((action) => !granted.has(action)).map((action) => `${action} on ${place}`);
  });
}

/** Returns whether a privilege covers a collection. An empty name in a resource means any name. */
function covers(resource: Document, database: string, collection: string): boolean {
  if (resource['anyResource'] === true) return true;
  const { db, collection: on } = resource;
  return (db === '' || db === database) && (on === '' || (collection !== '' && on === collection));
}
