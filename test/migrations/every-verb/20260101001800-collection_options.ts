import { changeCollection, migration } from '../../../src/migration';

const changeStreamPreAndPostImages = { enabled: true };
const clustered = { clusteredIndex: { key: { _id: 1 }, unique: true } };

export default migration(
  __filename,
  changeCollection('events', {
    from: { capped: true, size: 4096, max: 100 },
    to: { capped: true, size: 8192, max: 50 },
  }),
  changeCollection('files', { from: clustered, to: { ...clustered, expireAfterSeconds: 3600 } }),
  changeCollection('settings', { from: {}, to: { changeStreamPreAndPostImages } }),
);
