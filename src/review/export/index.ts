export { exportFormats, type ExportedFile, type ExportFormat, type ExportNames } from './formats';
export { exportSchema, type SchemaExport, type ExportOptions } from './export-schema';
export { leftOver, writeExport, type ExportChanges } from './write-export';
