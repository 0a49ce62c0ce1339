import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of the checkout. */
export const checkout = path.resolve(__dirname, '..');

/** The fields of the checkout's package.json that both packages use. */
interface Common {
  readonly version: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  /** The URL of the repository. npm compares it with the repository that built a release. */
  readonly repository?: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The package.json of a package that people install. */
export type Manifest = Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string };

/** Reads the checkout's package.json, which defines the version and the dependencies of both packages. */
export function readCheckout(): Common {
  return JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8')) as Common;
}

/** Returns the version of the Python package in python/pyproject.toml. */
export function pythonVersion(pyproject: string): string | undefined {
  return /^version = "(.*)"$/m.exec(pyproject)?.[1];
}

/**
 * The manifest of the package for applications. It has version ranges, so that the package shares zod and the driver with the application.
 */
export function dataManifest(common: Common): Manifest {
  const { zod = '' } = common.dependencies;
  return {
    name: 'sentimatrix-schema',
    description:
      'The MongoDB documents of Sentimatrix Studio: models, typed collections, the connection, health probes',
    ...shared(common),
    keywords: ['mongodb', 'schema', 'zod'],
    main: './dist/index.js',
    types: './dist/index.d.ts',
    exports: {
      '.': {
        import: { types: './dist/index.d.mts', default: './dist/index.mjs' },
        require: { types: './dist/index.d.ts', default: './dist/index.js' },
      },
      './package.json': './package.json',
    },
    files: ['dist', 'THIRD-PARTY-LICENSES.txt'],
    sideEffects: false,
    dependencies: { zod: `^${zod}` },
    peerDependencies: { mongodb: '^7.0.0' },
  };
}

/** The manifest of the package with the command line and its functions for programs. */
export function toolManifest(common: Common): Manifest {
  return {
    name: 'sentimatrix-schema-tool',
    description: 'The migrations of the MongoDB schema of Sentimatrix Studio, and the command line that deploys them',
    ...shared(common),
    keywords: ['mongodb', 'schema', 'migrations'],
    main: './dist/src/index.js',
    types: './dist/src/index.d.ts',
    exports: {
      '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' },
      './package.json': './package.json',
    },
    bin: { schema: 'dist/src/cli/main.js' },
    files: ['dist', 'docs', 'scripts'],
    dependencies: common.dependencies,
  };
}

function shared({ version, license, engines, repository }: Common) {
  return { version, license, engines, ...(repository !== undefined && { repository }), type: 'commonjs' };
}
