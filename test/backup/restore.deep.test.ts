import { testLostConnection, testLostConnectionAnywhere } from './lost-connection';

testLostConnection(['insert', 'createIndexes']);
testLostConnectionAnywhere();
