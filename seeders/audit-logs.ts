import type { AuditLog } from '../models';
import { projectFacts } from './facts/project';
import { userFacts } from './facts/user';
import { idOf } from './ids';
import { addressFor, browserFor } from './people';
import { Random } from './random';
import type { Seeder } from './seeder';

const events = [
  'user.registered',
  'auth.login',
  'project.created',
  'target.added',
  'auth.logout',
  'auth.login',
  'job.started',
  'api_key.created',
  'webhook.created',
  'project.updated',
  'auth.login_failed',
  'auth.login',
] as const;
const ofProjects: ReadonlySet<string> = new Set(['project.created', 'target.added', 'job.started', 'project.updated']);

/** What users did since they registered. They registered less than a year ago, so the TTL deletes no entry. */
export const auditLogs: Seeder<'audit_logs'> = {
  collection: 'audit_logs',
  per: 'user',
  each: () => events.length,
  make: (world, place) => {
    const random = new Random(world.seed, 'audit_logs', place);
    const { id, createdAt } = userFacts(world, place.user);
    const event = events[place.item] ?? 'auth.login';
    const about = ofProjects.has(event) && world.size.projects > 0 ? projectFacts(world, place.user, 0) : undefined;
    return {
      _id: idOf(world.seed, place),
      // A failed login has no user.
      user_id: event === 'auth.login_failed' ? null : id,
      event_type: event,
      outcome: event === 'auth.login_failed' ? 'failure' : 'success',
      ...(about && { project_id: about.id }),
      ...detailsOf(event),
      ip_address: addressFor(random),
      user_agent: browserFor(random),
      created_at: timeOf(event),
    };

    function timeOf(type: string): Date {
      if (type === 'user.registered') return createdAt;
      if (type === 'project.created' && about) return about.createdAt;
      return random.date(about?.createdAt ?? createdAt, world.now);
    }
  },
};

function detailsOf(event: string): Pick<AuditLog, 'details'> {
  if (event === 'auth.login_failed') return { details: { reason: 'wrong password' } };
  return event.startsWith('auth.') ? { details: { method: 'password' } } : {};
}
