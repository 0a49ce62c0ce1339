import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { filesOfCollection } from '../../models/new-collection/files';
import { namesFor } from '../../models/new-collection/names';
import { projectFolder } from '../support/project-folder';

/** What the files of a new collection add to those that are there: file → lines. */
async function addedLines(collection: string): Promise<Record<string, string[]>> {
  const files = filesOfCollection(projectFolder, collection).filter(({ isNew }) => !isNew);
  const added = files.map(async ({ file, text }) => {
    const before = (await readFile(file, 'utf8')).replaceAll('\r\n', '\n').split('\n');
    const after = text.split('\n');
    const lines = after.filter((line) => !before.includes(line));
    expect(after.filter((line) => before.includes(line))).toEqual(before);
    return [path.relative(projectFolder, file).replaceAll(path.sep, '/'), lines] as const;
  });
  return Object.fromEntries(await Promise.all(added));
}

// That all tests of the product pass with such a collection is shown in next-migration.deep.test.ts.
describe('A new collection of the product', () => {
  it('is added to every list of collections, and nothing else changes there', async () => {
    expect(await addedLines('blog_posts')).toEqual({
      'models/models.ts': ["import { blogPostSchema } from './blog-post';", '  blog_posts: blogPostSchema,'],
      'models/new-models.ts': ["import { newBlogPostSchema } from './blog-post';", '  blog_posts: newBlogPostSchema,'],
      'models/index.ts': ["export * from './blog-post';"],
      'models/relations.ts': ["  { from: 'blog_posts.user_id', to: 'users' },"],
      'seeders/seeders.ts': ["import { blogPosts } from './blog-posts';", '  blogPosts,'],
      'docker/mongo-init.js': ["  'blog_posts',"],
      'test/support/samples.ts': ['  blog_posts: () => ({ user_id: id(), created_at: at() }),'],
    });
  });

  it('has a model and a seeder of its own', () => {
    const created = filesOfCollection(projectFolder, 'blog_posts').filter(({ isNew }) => isNew);
    expect(created.map(({ file }) => path.relative(projectFolder, file).replaceAll(path.sep, '/'))).toEqual([
      'models/blog-post.ts',
      'seeders/blog-posts.ts',
    ]);
    expect(created[1]?.text).toContain("export const blogPosts: Seeder<'blog_posts'> = {");
  });

  it.each([
    ['comments', 'comment', 'Comment'],
    ['price_categories', 'price-category', 'PriceCategory'],
    ['addresses', 'address', 'Address'],
    ['statuses', 'status', 'Status'],
    ['news', 'new', 'New'],
    ['progress', 'progress', 'Progress'],
    ['caches', 'cache', 'Cache'],
    ['staff', 'staff', 'Staff'],
  ])('called %s has the model %s', (collection, modelFile, type) => {
    expect(namesFor(collection)).toMatchObject({ collection, modelFile, type });
  });

  it.each(['Comments', 'blog-posts', 'blog__posts', '1st', 'new', 'a.b', ''])('cannot be named "%s"', (name) => {
    expect(() => namesFor(name)).toThrow('names in code are derived from the name of the collection');
  });

  it('is refused before anything is written where a list is not as it was', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'new-collection-'));
    onTestFinished(() => rm(root, { recursive: true }));
    await mkdir(path.join(root, 'models'));
    await writeFile(
      path.join(root, 'models/models.ts'),
      "import { a } from './a';\nexport const all = {\n} as const;\n",
    );
    expect(() => filesOfCollection(root, 'comments')).toThrow(
      /models\/models\.ts does not have exactly one line `export const models = \{`[^]*`comments: commentSchema,` belongs below that line/,
    );
  });
});
