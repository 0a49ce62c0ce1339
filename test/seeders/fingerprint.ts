import { everything, fingerprint, world } from './everything';

// What another process makes of the same world.
process.stdout.write(fingerprint(everything(world)));
