// One operation of the API on the page: what it takes, how it is called, what it answers.
import { type Html, html, inline, paragraphs } from './html.ts';
import { fieldTable, nameOfRef, rowsTable, type Schema, typeOf } from './schema-view.ts';

interface Example {
  readonly $ref?: string;
  readonly summary?: string;
  readonly value?: unknown;
}
interface MediaType {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, Example>>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}
export interface Response {
  readonly $ref?: string;
  readonly description?: string;
  readonly headers?: Readonly<Record<string, { readonly description?: string }>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}
export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, Response>>;
}
export interface Place {
  readonly method: string;
  readonly path: string;
}

/** What the document names once. */
export interface Named {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly examples: Readonly<Record<string, Example>>;
}

export function operationView({ method, path }: Place, operation: OperationObject, named: Named): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const body = requestBody?.content['application/json'];
  return html`<article id="${operationId}">
<h3>${summary} <a class="anchor" href="#${operationId}" aria-label="Link to this operation">#</a></h3>
<p class="address">${badge(method)}<code>${breakable(path)}</code>${keyNote(operation.security)}</p>
${paragraphs(description)}
${parameters.length > 0 && html`<h4>Parameters</h4>${parameterTable(parameters)}`}
${body && html`<h4>Body</h4>${bodyView(body, named)}`}
<h4>Call</h4>
<pre tabindex="0">${curlOf({ method, path }, operation)}</pre>
<h4>Answers</h4>
${answersView(responses, named)}
</article>
`;
}

export function badge(method: string): Html {
  return html`<span class="method ${method}">${method.toUpperCase()}</span>`;
}

/** A long address may break behind its slashes. */
function breakable(path: string): Html {
  return html`${path.split(/(?<=\/)/).map((part) => html`${part}<wbr>`)}`;
}

function keyNote(security: OperationObject['security']): Html {
  if (security.length === 0) return html`<span class="key open">no key</span>`;
  const isAdmin = security.some((one) => Object.keys(one).some((name) => name.startsWith('master')));
  return isAdmin ? html`<span class="key admin">master key</span>` : html`<span class="key">key</span>`;
}

const where: Readonly<Record<string, string>> = { path: 'in the path', query: 'query', header: 'header' };

function parameterTable(parameters: readonly Parameter[]): Html {
  return rowsTable(
    parameters.map(({ name, in: place, required = false, description, schema = {} }) => ({
      name,
      isRequired: required,
      place: where[place] ?? place,
      schema: { ...schema, ...(description !== undefined && { description }) },
    })),
    true,
  );
}

function bodyView({ schema = {}, examples = {} }: MediaType, named: Named): Html {
  const shown = schema.$ref === undefined ? schema : (named.schemas[nameOfRef(schema.$ref)] ?? {});
  return html`${fieldTable(shown, true)}${Object.values(examples).map((one) => exampleView(one, named))}`;
}

export function exampleView(example: Example, { examples }: Named): Html {
  const { summary = '', value } = (example.$ref && examples[nameOfRef(example.$ref)]) || example;
  return html`<details><summary>Example: ${summary}</summary><pre tabindex="0">${json(value)}</pre></details>`;
}

/** Images are cut: nobody reads them. */
function json(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, one) => (typeof one === 'string' && one.length > 90 ? `${one.slice(0, 32)}…` : one),
    2,
  );
}

function curlOf(
  { method, path }: Place,
  { security, requestBody, responses, parameters = [] }: OperationObject,
): string {
  const address = path.replace(/\{(\w+)\}/g, (_whole, name: string) => `$${name.toUpperCase()}`);
  const good = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
  const types = Object.keys(good?.content ?? {});
  const has = (name: string) => parameters.some((parameter) => parameter.name === name);
  const lines = [
    `curl ${verb(method)}"$IMPASTO${address}${has('wait') ? '?wait=60' : ''}"`,
    security.length > 0 && `-H "x-functions-key: $KEY"`,
    has('Idempotency-Key') && '-H "Idempotency-Key: $(uuidgen)"',
    requestBody && `-H 'Content-Type: application/json' --data @body.json`,
    types.some((type) => type.startsWith('image/')) && method === 'get' && '-o picture.png',
    types.includes('application/zip') && '-o pictures.zip',
    types.includes('text/event-stream') && '--no-buffer',
  ];
  return lines.filter((line) => typeof line === 'string').join(' \\\n  ');
}

function verb(method: string): string {
  if (method === 'get') return '';
  return method === 'head' ? '--head ' : `-X ${method.toUpperCase()} `;
}

/** Those that every operation has are said once, at the end of the page. */
function answersView(responses: OperationObject['responses'], named: Named): Html {
  const own = Object.entries(responses).filter(([, { $ref }]) => $ref === undefined);
  const rest = Object.keys(responses).filter((status) => responses[status]?.$ref !== undefined);
  return html`<div class="answers">${own.map(([status, response]) => answerView(status, response, named))}</div>
${rest.length > 0 && html`<p class="rest">And what <a href="#errors">every request</a> may be answered with: ${rest.join(', ')}.</p>`}`;
}

function answerView(
  status: string,
  { description = '', content = {}, headers = {} }: Response,
  all: Named,
): Html {
  const kind = status.startsWith('2') ? 'good' : status.startsWith('3') ? 'same' : 'bad';
  const problem = content['application/problem+json'];
  const named = Object.keys(headers).filter((name) => name !== 'X-Request-Id');
  return html`<div class="answer"><span class="status ${kind}">${status}</span><div>${problem ? codes(problem) : html`<span>${inline(description)}</span>`}${!problem && contentView(content, all)}${named.length > 0 && html`<span class="headers">${named.map((name) => html`<code>${name}</code> `)}</span>`}</div></div>`;
}

function contentView(content: Readonly<Record<string, MediaType>>, named: Named): Html {
  const types = Object.keys(content);
  if (types.length === 0) return html``;
  const schema = content['application/json']?.schema;
  const examples = Object.values(content['application/json']?.examples ?? {});
  if (!schema) return html` <span class="type">${types.join(', ')}</span>`;
  const isNamed = schema.$ref !== undefined;
  return html` <span class="type">${isNamed && typeOf(schema)}</span>${!isNamed && fieldTable(schema, false)}${examples.map((one) => exampleView(one, named))}`;
}

function codes({ schema }: MediaType): Html {
  const list = schema?.properties?.code?.enum ?? [];
  return html`<span class="codes">${list.map((code) => html`<a class="code" href="#error-${String(code)}">${String(code)}</a> `)}</span>`;
}
