// Finds the function for a method and a path, by the rules of ASP.NET routing that HTTP functions follow:
// case-insensitive, `{name}`, `{name?}`, `{name:constraint}`, `{*rest}`; the most specific route wins.

export interface Route<Target> {
  /** Template below the prefix, such as `status/{job_id}`. */
  readonly template: string;
  readonly methods: readonly string[];
  readonly target: Target;
}

export interface RouteMatch<Target> {
  readonly target: Target;
  /** The method that the function is to see: a HEAD to a function that only knows GET becomes a GET. */
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
}

export type RouteMatcher<Target> = (method: string, path: string) => RouteMatch<Target> | undefined;

const constraints: Readonly<Record<string, string>> = {
  guid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  int: '-?[0-9]+',
  alpha: '[a-z]+',
};

interface Segment {
  readonly pattern: string;
  readonly parameter?: string;
  /** Position in the order of precedence: literal, constrained parameter, parameter, rest of the path. */
  readonly rank: 1 | 2 | 3 | 5;
}

/**
 * @param prefix first segment of every route, such as `api`.
 * @throws Error for a template outside the rules above.
 */
export function makeRouteMatcher<Target>(
  routes: readonly Route<Target>[],
  prefix: string,
): RouteMatcher<Target> {
  const compiled = routes.map((route) => compile(route, prefix)).sort(bySpecificity);
  return (method, path) => {
    for (const { expression, names, route } of compiled) {
      const effective = effectiveMethod(method, route.methods);
      const found = effective && expression.exec(path);
      const params = found && decode(names, found);
      if (effective && params) return { target: route.target, method: effective, params };
    }
    return undefined;
  };
}

function effectiveMethod(method: string, allowed: readonly string[]): string | undefined {
  const known = allowed.map((name) => name.toUpperCase());
  if (known.includes(method)) return method;
  return method === 'HEAD' && known.includes('GET') ? 'GET' : undefined;
}

function compile<Target>(route: Route<Target>, prefix: string) {
  const segments = [literal(prefix), ...split(route.template).map((part) => parse(part, route.template))];
  return {
    route,
    expression: new RegExp(`^${segments.map(({ pattern }) => pattern).join('')}/?$`, 'i'),
    names: segments.flatMap(({ parameter }) => parameter ?? []),
    precedence: segments.map(({ rank }) => rank).join(''),
  };
}

function bySpecificity(one: { precedence: string }, other: { precedence: string }): number {
  return one.precedence < other.precedence ? -1 : Number(one.precedence > other.precedence);
}

function split(template: string): string[] {
  return template.split('/').filter((part) => part !== '');
}

function parse(part: string, template: string): Segment {
  if (!/[{}]/.test(part)) return literal(part);
  const [, stars, name, constraint, optional] =
    /^\{(\*{0,2})([A-Za-z_]\w*)(?::([a-z]+))?(\?)?\}$/.exec(part) ?? [];
  const value = constraint === undefined ? '[^/]+' : constraints[constraint];
  if (name === undefined || value === undefined) {
    throw new Error(
      `Expected {name}, {name?}, {*name} or {name:${Object.keys(constraints).join('|')}}, for a segment of route "${template}", received "${part}"`,
    );
  }
  if (stars !== '') return { pattern: '(?:/(.*?))?', parameter: name, rank: 5 };
  const pattern = optional === undefined ? `/(${value})` : `(?:/(${value}))?`;
  return { pattern, parameter: name, rank: constraint === undefined ? 3 : 2 };
}

function literal(text: string): Segment {
  return { pattern: `/${text.replace(/[.*+?^$()|[\]\\]/g, '\\$&')}`, rank: 1 };
}

/** The values by name, or undefined when one is no valid percent-encoding. */
function decode(names: readonly string[], found: RegExpExecArray): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  try {
    for (const [index, name] of names.entries()) {
      const value = found[index + 1];
      if (value) params[name] = decodeURIComponent(value);
    }
    return params;
  } catch {
    return undefined;
  }
}
