import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Folders with tests of the product. All other tests must pass whatever the product's next migration is. */
const testsOfTheProduct = ['migrations', 'models', 'seeders', 'docker', 'product', 'python'];

/** Forbids tests of the tool to import code of the product. A selector may not contain a slash in a regular expression. */
const withoutTheProduct = (files, ...paths) => ({
  files: [files],
  ignores: [...testsOfTheProduct.map((folder) => `test/${folder}/**`), 'test/support/product.ts', 'test/fixture/**'],
  rules: {
    'no-restricted-syntax': [
      'error',
      ...paths.map((path) => ({
        selector: `Literal[value=/${path.replaceAll('/', String.raw`\x2F`)}/]`,
        message:
          'This is code of the product, but the test is about the tool. Use test/support/fixture or makeSmallProject, or move ' +
          `the test to one of test/{${testsOfTheProduct}}/.`,
      })),
    ],
  },
});

export default defineConfig(
  globalIgnores(['dist', 'dist.new', 'node_modules', '.mongodb', 'coverage']),
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // `const { unwanted, ...rest }` copies an object without a field.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
  // The number of `../` in the path to migrations/ depends on how deep the file is.
  ...[1, 2, 3, 4, 5].map((depth) =>
    withoutTheProduct(
      `test/${'*/'.repeat(depth - 1)}*.ts`,
      '/support/product$',
      String.raw`^(?:\.\./){${depth}}migrations(?:/|$)`,
    ),
  ),
  withoutTheProduct('test/support/*.ts', String.raw`^\./product$`, String.raw`^\.\./\.\./migrations(?:/|$)`),
  {
    files: ['src/**/*.ts', 'models/**/*.ts', 'seeders/**/*.ts', 'product.ts', 'queries.ts', 'migrate-mongo-config.ts'],
    ignores: ['src/support/process-env.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Take it as an argument; src/support/process-env.ts reads it.' },
      ],
    },
  },
  {
    // In the ignored folders, plain errors are allowed: they are always caught, and become the `why` of a SchemaError.
    files: ['src/**/*.ts'],
    ignores: ['src/backup/**', 'src/mongod/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Error']", message: 'Throw a SchemaError: code, summary, why, fix.' },
      ],
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      globals: {
        require: 'readonly',
        module: 'writable',
        process: 'readonly',
        Buffer: 'readonly',
        __dirname: 'readonly',
      },
      sourceType: 'commonjs',
    },
  },
  {
    files: ['.github/**/*.mjs'],
    languageOptions: { globals: { fetch: 'readonly', TextDecoder: 'readonly' } },
  },
);
