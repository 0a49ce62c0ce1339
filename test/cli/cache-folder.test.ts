import { homedir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { cacheFolder } from '../../src/cli/cache-folder';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('names the folder of the user, where the scripts put their files too', () => {
  vi.stubEnv('SENTIMATRIX_CACHE', '');
  vi.stubEnv('XDG_CACHE_HOME', '');
  expect(cacheFolder('folds')).toBe(path.join(homedir(), '.cache', 'sentimatrix-schema', 'folds'));
  vi.stubEnv('XDG_CACHE_HOME', '/caches');
  expect(cacheFolder('folds')).toBe('/caches/sentimatrix-schema/folds');
  vi.stubEnv('SENTIMATRIX_CACHE', '/own');
  expect(cacheFolder('folds')).toBe('/own/folds');
});
