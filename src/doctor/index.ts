export { lineOf, type DoctorLine } from './line';
export { diskLine, dockerLine, gitLine, mongoshLine, nodeLine, oldestNode, toolsLine } from './machine';
export { needsOf, type Need } from './needs';
export { lookAtServer, versionLine, type LookOptions, type ServerLook } from './server';
