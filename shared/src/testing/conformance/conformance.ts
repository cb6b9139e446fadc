// Whether an answer is what the description of the API says: its status, its headers, its body, and nothing more.
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {
  type DescribedOperation,
  type DescribedResponse,
  type OpenApiDocument,
  operationsAt,
  type PlacedOperation,
  type Schema,
  strict,
} from './document.ts';

export interface SeenAnswer {
  /** Of the request. */
  readonly method: string;
  /** Of the request, as it was sent: with a query or without. */
  readonly path: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or what JSON makes of it; left out where it was not read. */
  readonly body?: unknown;
}

export interface Conformance {
  /** @throws Error that says what was expected, for which answer, and what came. */
  check(answer: SeenAnswer): void;
  /** How many answers were checked. */
  readonly checked: number;
}

type Validate = (schema: Schema, value: unknown) => string | undefined;

const addressProblems: Readonly<Record<string, readonly string[]>> = {
  404: ['not_found'],
  405: ['method_not_allowed'],
};

/** @param document as the service describes itself. */
export function makeConformance(document: OpenApiDocument): Conformance {
  const promised = strict(document);
  const validate = makeValidate(promised);
  let checked = 0;
  return {
    get checked() {
      return checked;
    },
    check: (answer) => {
      checked += 1;
      const found = complaint(promised, answer, validate);
      if (found === undefined) return;
      const { method, path, status, body } = answer;
      const shown = typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
      throw new Error(
        `Expected ${found}, for ${method} ${path}, received ${status} ${shown.slice(0, 600)}; see GET /api/openapi.json`,
      );
    },
  };
}

function makeValidate(document: OpenApiDocument): Validate {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // Binary content and the like have no format that could be checked.
  const root = 'api';
  ajv.addSchema({ $id: root, components: document.components }, root, undefined, false);
  const compiled = new Map<string, ReturnType<typeof ajv.compile>>();
  return (schema, value) => {
    const text = JSON.stringify(schema).replaceAll('"#/components', `"${root}#/components`);
    const check = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, check);
    return check(value) ? undefined : ajv.errorsText(check.errors, { dataVar: 'the value' });
  };
}

/** @returns what was expected and did not come. */
function complaint(document: OpenApiDocument, answer: SeenAnswer, validate: Validate): string | undefined {
  const { pathname } = new URL(answer.path, 'http://localhost');
  const there = operationsAt(document, pathname);
  const asked = answer.method.toUpperCase();
  const { operation } =
    there.find(({ method }) => method === asked) ??
    // A GET without its body, whether or not anybody describes it.
    there.find(({ method }) => asked === 'HEAD' && method === 'GET') ??
    {};
  if (!operation) return addressComplaint(answer, there, validate);
  const described = responseOf(document, operation, answer.status);
  if (!described) return `one of the statuses ${Object.keys(operation.responses).join(', ')}`;
  return (
    headersComplaint(described, answer, validate) ??
    bodyComplaint(described, answer, asked === 'HEAD', validate)
  );
}

function responseOf(
  { components }: OpenApiDocument,
  { responses }: DescribedOperation,
  status: number,
): DescribedResponse | undefined {
  const found = responses[String(status)];
  const name = found?.$ref?.split('/').at(-1);
  return name === undefined ? found : components.responses[name];
}

/** Of an address that is not described, or a method that is not. */
function addressComplaint(
  { status, headers, body, method }: SeenAnswer,
  there: readonly PlacedOperation[],
  validate: Validate,
): string | undefined {
  const isFront = [400, 408, 413, 431, 500].includes(status);
  const expected = there.length > 0 ? 405 : 404;
  if (!isFront && status !== expected) return `${expected} where nothing is described`;
  if (status === 405) {
    const methods = there.map((one) => one.method);
    const allowed = (headers.allow ?? '').split(', ');
    if (methods.some((one) => !allowed.includes(one))) return `an Allow of ${methods.join(', ')}`;
  }
  if (method.toUpperCase() === 'HEAD' || body === undefined) return undefined;
  const problem = validate({ $ref: '#/components/schemas/Problem' }, jsonOf(body));
  if (problem !== undefined) return `a problem document (${problem})`;
  const codes = addressProblems[status];
  const { code } = Object(jsonOf(body)) as { code?: string };
  return codes && !codes.includes(code ?? '') ? `the code ${codes.join()}` : undefined;
}

function headersComplaint(
  { headers = {} }: DescribedResponse,
  answer: SeenAnswer,
  validate: Validate,
): string | undefined {
  for (const [name, { required = false, schema }] of Object.entries(headers)) {
    const value = answer.headers[name.toLowerCase()];
    if (value === undefined) {
      if (required) return `the header ${name}`;
    } else if (schema) {
      const wrong = validate(schema, value);
      if (wrong !== undefined) return `another ${name} than ${JSON.stringify(value)} (${wrong})`;
    }
  }
  return undefined;
}

function bodyComplaint(
  { content }: DescribedResponse,
  { headers, body }: SeenAnswer,
  isHead: boolean,
  validate: Validate,
): string | undefined {
  if (isHead) return undefined;
  if (!content) return isEmpty(body) ? undefined : 'no body';
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const described = content[type.trim()];
  if (!described) return `one of the types ${Object.keys(content).join(', ')}, not ${JSON.stringify(type)}`;
  if (body === undefined || !described.schema) return undefined;
  const wrong = validate(described.schema, jsonOf(body));
  return wrong === undefined ? undefined : `a body as described (${wrong})`;
}

function isEmpty(body: unknown): boolean {
  return body === undefined || body === null || body === '';
}

/** As it would cross the wire. */
function jsonOf(body: unknown): unknown {
  return JSON.parse(typeof body === 'string' ? body : JSON.stringify(body));
}
