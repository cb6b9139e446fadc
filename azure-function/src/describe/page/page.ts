// The description of the API as one page, made from the document.
import type { Document } from '../document.ts';
import { allProblems } from '../operation.ts';
import { type Html, html, inline, paragraphs } from './html.ts';
import {
  badge,
  exampleView,
  type Named,
  type OperationObject,
  operationView,
  type Place,
} from './operation-view.ts';
import { fieldTable, type Schema } from './schema-view.ts';
import { style } from './style.ts';

/** A dab of paint. */
export const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='6' cy='9' r='6' fill='%23c8553d'/%3E%3Ccircle cx='11' cy='5' r='4' fill='%23e9a23b'/%3E%3C/svg%3E";

type Listed = Place & { readonly operation: OperationObject };

export function renderPage(document: Document): string {
  const { info, tags = [], components } = document;
  const named = (components ?? {}) as unknown as Named;
  const { schemas } = named;
  const listed = operationsOf(document.paths);
  const chapters = tags.map(({ name, description = '' }) => ({
    name,
    description,
    id: name.toLowerCase().replaceAll(' ', '-'),
    listed: listed.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const links = html`<a href="#start">Five minutes</a>${chapters.map(
    ({ id, name, listed: own }) =>
      html`<a class="chapter" href="#${id}">${name}</a>${own.map(
        ({ method, operation }) =>
          html`<a href="#${operation.operationId}">${badge(method)}<span>${operation.summary}</span></a>`,
      )}`,
  )}<a class="chapter" href="#receivers">What a receiver gets</a><a class="chapter" href="#schemas">Schemas</a><a class="chapter" href="#errors">Errors</a>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title} API</title>
<link rel="icon" href="${icon}">
<style>${{ html: style }}</style>
</head>
<body>
<a class="skip" href="#start">To the text</a>
<nav class="side" aria-label="Contents"><p class="brand">${info.title}</p>${links}</nav>
<main>
<header><h1>${info.title}</h1><p class="lead">${info.summary} <span class="version">Version ${info.version} · <a href="openapi.json">OpenAPI ${document.openapi}</a> · <a href="limits">limits</a></span></p></header>
<details class="contents"><summary>Contents</summary><nav aria-label="Contents">${links}</nav></details>
<section id="start"><h2>Five minutes</h2>
${paragraphs(info.description ?? '')}
${keys()}
</section>
${chapters.map(
  ({ id, name, description, listed: own }) => html`<section id="${id}"><h2>${name}</h2>
<div class="about">${paragraphs(description)}</div>
${own.map((one) => operationView(one, one.operation, named))}</section>
`,
)}
${receivers(document, named)}
<section id="schemas"><h2>Schemas</h2>
${Object.entries(schemas).map(([name, schema]) => schemaView(name, schema))}</section>
${errors(named)}
</main>
</body>
</html>
`.html;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;

/** HEAD is the GET of the same address, and not shown. */
function operationsOf(paths: Document['paths'] = {}): Listed[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation && method !== 'head'
        ? [{ method, path, operation: operation as unknown as OperationObject }]
        : [];
    }),
  );
}

function keys(): Html {
  return html`<p>${inline('**Keys.** The examples have the address of the service in `$IMPASTO` and a key of it in `$KEY`. A key goes into the header `x-functions-key`, or into the address as `code`; the local service asks for none.')}</p>
<pre tabindex="0">IMPASTO=http://localhost:7071
printf '{"content_image":"%s","style_image":"%s"}' "$(base64 -w0 photo.jpg)" "$(base64 -w0 style.jpg)" > body.json
JOB_ID=$(curl -s "$IMPASTO/api/style-transfer" -H 'Content-Type: application/json' --data @body.json | jq -r .job_id)
curl -s "$IMPASTO/api/status/$JOB_ID?wait=60&amp;include=none" | jq .status
curl -s "$IMPASTO/api/result/$JOB_ID" -o picture.png</pre>`;
}

function receivers({ webhooks = {} }: Document, named: Named): Html {
  const [first] = Object.values(webhooks);
  const operation = first?.post as unknown as OperationObject | undefined;
  const examples = Object.values(operation?.requestBody?.content['application/json']?.examples ?? {});
  return html`<section id="receivers"><h2>What a receiver gets</h2>
<div class="about"><p>${Object.keys(webhooks).map((event) => html`<code>${event}</code> `)}</p>${paragraphs(operation?.description ?? '')}</div>
<article>${fieldTable(named.schemas.WebhookPayload ?? {}, false)}${examples.map((one) => exampleView(one, named))}</article></section>`;
}

function schemaView(name: string, schema: Schema): Html {
  const isRequest = schema.additionalProperties === false;
  return html`<article class="schema" id="schema-${name}"><h3>${name} <a class="anchor" href="#schema-${name}" aria-label="Link to this schema">#</a></h3>
${fieldTable(schema, isRequest)}</article>`;
}

/** Each code, by its status, and whether the same request may succeed later. */
function errors(named: Named): Html {
  const rows = Object.entries(allProblems).sort(([, one], [, other]) => one.status - other.status);
  return html`<section id="errors"><h2>Errors</h2>
<div class="about">${paragraphs(
    'Each is an `application/problem+json`: `type`, `title`, `status`, `detail` for people, `code` for programs, `retryable`, `request_id`; with several mistakes in one body, `errors` has a JSON Pointer for each. Codes with **again** may succeed when the same request is sent once more, after `Retry-After` seconds.\n\nEvery request may be answered with `400`, `408`, `413`, `431`, `500` and `503`; where a key is needed, with `401`, which the platform says without a document; with a method that the address does not take, with `405` and `Allow`.',
  )}</div>
${exampleView(named.examples.problem ?? {}, named)}
<div class="errors">${rows.map(
    ([code, { status, title, retryable }]) =>
      html`<div class="error" id="error-${code}"><span class="status bad">${status}</span><code>${code}</code><span>${title}.</span>${retryable && html`<span class="again">again</span>`}</div>`,
  )}</div></section>`;
}
