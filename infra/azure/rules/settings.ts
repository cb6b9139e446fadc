// The environment of both apps, as the templates set it.
import { finding } from '../check/finding.ts';
import { type Template, textOf, type Value, valueAt } from '../check/template.ts';
import { type Rule, resourcesOf } from './rule.ts';

/** What the platform reads; our own code does not know it. */
const platformSettings: Readonly<Record<string, string>> = {
  AzureWebJobsStorage__accountName: 'the account of the Functions host',
  AzureWebJobsStorage__credential: 'by identity',
  AzureWebJobsStorage__clientId: 'by which one',
  JOB_STORAGE__queueServiceUri: 'the connection of the queue trigger',
  JOB_STORAGE__credential: 'by identity',
  JOB_STORAGE__clientId: 'by which one',
  OTEL_SERVICE_NAME: 'how the host calls itself in traces',
};

/** One variable that a template sets. */
export interface Setting {
  readonly name: string;
  readonly value: Value;
}

/** All that is set, whatever the conditions: of arrays, concat(), both sides of `?:`, variables and parameters. */
export function settingsOf(templates: readonly Template[], template: Template, value: Value): Setting[] {
  const follow = (part: Value) => settingsOf(templates, template, part);
  switch (value.kind) {
    case 'array':
      return value.items.flatMap(follow);
    case 'call':
      return value.name === 'concat' ? value.args.flatMap(follow) : [];
    case 'ternary':
      return [value.whenTrue, value.whenFalse].flatMap(follow);
    case 'object': {
      const [name, given] = [textOf(valueAt(value, 'name')), valueAt(value, 'value')];
      return name !== undefined && given ? [{ name, value: given }] : [];
    }
    case 'expression':
      return named(templates, template, value.name ?? '');
    default:
      return [];
  }
}

function named(templates: readonly Template[], template: Template, name: string): Setting[] {
  const variable = template.variables.find((candidate) => candidate.name === name);
  if (variable) return settingsOf(templates, template, variable.value);
  // A parameter: what those give who use the template as a module.
  return templates.flatMap((user) =>
    user.modules
      .filter(({ path }) => template.file.endsWith(path))
      .flatMap(({ params }) => valueAt(params, name) ?? [])
      .flatMap((given) => settingsOf(templates, user, given)),
  );
}

export interface AppSettings {
  readonly type: string;
  /** Where the list of settings is, below the resource. */
  readonly listIn: (body: Value) => Value | undefined;
  /** What the app's schema knows. */
  readonly known: readonly string[];
  /** What it cannot do without on Azure. */
  readonly required: readonly string[];
}

export function settingsFit({ type, listIn, known, required }: AppSettings): Rule {
  return (templates) =>
    resourcesOf(templates, type).flatMap(({ template, resource }) => {
      const list = listIn(resource.body);
      const settings = list ? settingsOf(templates, template, list) : [];
      const names = settings.map(({ name }) => name);
      const strange = settings.filter(({ name }) => !known.includes(name) && !(name in platformSettings));
      const twice = settings.filter(({ name }, i) => names.indexOf(name) !== i);
      const missing = required.filter((name) => !names.includes(name));
      return [
        ...strange.map(({ name, value }) =>
          finding(value.place, `Expected a setting that the app knows, received ${name}`),
        ),
        ...twice.map(({ name, value }) => finding(value.place, `Expected ${name} once`)),
        ...missing.map((name) => finding(resource.place, `Expected ${name}, which the app needs`)),
      ];
    });
}
