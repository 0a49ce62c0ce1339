import { createCollections, migration } from '../../../src/migration';

export default migration(__filename, createCollections('letters', 'stamps'));
