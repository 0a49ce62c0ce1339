import { describe, expect, it } from 'vitest';
import { resolveName } from '../../src/project';
import { errorWith } from '../support/error-with';

const names = ['20260101000000-users.ts', '20260102000000-user_emails.ts', '20260103000000-ttls.ts'];

describe('The name of a migration that a person writes', () => {
  it.each([
    ['20260103000000-ttls.ts', '20260103000000-ttls.ts'],
    ['20260103000000-ttls', '20260103000000-ttls.ts'],
    ['emails', '20260102000000-user_emails.ts'],
  ])('stands for the migration: %s', (wanted, name) => {
    expect(resolveName(names, wanted)).toBe(name);
  });

  it.each([
    ['usres', '20260101000000-users.ts'],
    ['user_email5.ts', '20260102000000-user_emails.ts'],
    ['20260109000000-ttls', '20260103000000-ttls.ts'],
  ])('is corrected when it comes near: %s', (wanted, name) => {
    expect(() => resolveName(names, wanted)).toThrow(errorWith({ code: 'USAGE', fix: `did you mean ${name}?` }));
  });

  it('is not guessed when nothing comes near, or several fit', () => {
    for (const wanted of ['languages', 'user']) {
      expect(() => resolveName(names, wanted)).toThrow(errorWith({ code: 'USAGE', fix: 'write one of these names' }));
    }
  });

  it('may be a word that stands for another point', () => {
    expect(() => resolveName(names, 'heda', ['head', 'live'])).toThrow(errorWith({ fix: 'did you mean head?' }));
  });
});
