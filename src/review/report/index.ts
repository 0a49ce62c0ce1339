export { readReportBase } from './base';
export { capMarkdown, reportLimit } from './cap';
export { gatherReport } from './data';
export type { LivePlan, ReportData } from './data';
export { lookAtServer } from './live';
export { reportMarkdown } from './markdown';
export { reportPage } from './page';
export { verdictOn, type ReportVerdict } from './verdict';
