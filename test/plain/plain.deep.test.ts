import { testCallbacks, testForms, testThrown } from './kinds';
import { usePlainProject } from './plain-project';

const project = usePlainProject();
testForms(project, 'functions', 'in the way of CommonJS', 'constants that take a context, too');
testThrown(project, 'a text', 'nothing', 'an error of the server');
testCallbacks(project, 'db, client, callback', 'db, client, done');
