import path from 'node:path';

/** The project's folder, from its sources as from its compiled code. */
export const projectFolder = path.resolve(__dirname, '..', '..');

export const folders = {
  project: projectFolder,
  migrations: path.join(projectFolder, 'migrations'),
} as const;
