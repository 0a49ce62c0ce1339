import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { projectFolder } from '../support/project-folder';

const read = (...names: string[]) => readFileSync(path.join(projectFolder, 'docs', ...names), 'utf8');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly fix: string };
    }[];
  }[];
}

export const alertsFile = path.join(projectFolder, 'docs', 'grafana', 'alerts.yml');
export const alerts = (parse(read('grafana', 'alerts.yml')) as Rules).groups.flatMap(({ rules }) => rules);

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

export const dashboard = JSON.parse(read('grafana', 'dashboard.json')) as {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
};

/** Each expression of the dashboard, with what Grafana puts in the place of its variables. */
export const dashboardQueries = [
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target }))),
  ...dashboard.annotations.list.map(({ expr }) => ({ title: 'annotation', expr, legendFormat: '' })),
].map(({ expr, ...rest }) => ({
  ...rest,
  expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h').replaceAll('$instance', '.+'),
}));

/** The rows of the table of docs/operate.md: name, type, labels, what it tells. */
export function tableRows(): string[][] {
  return read('operate.md')
    .split('\n')
    .filter((line) => line.startsWith('| `schema_'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
