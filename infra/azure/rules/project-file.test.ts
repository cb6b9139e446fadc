// azure.yaml and main.parameters.json, which azd and the templates have to agree on.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { azureFolder, readAzure, readAzureJson, rootFolder } from './testing.ts';

const hook = z.strictObject({ shell: z.enum(['sh', 'pwsh']), run: z.string() });
const projectSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  infra: z.strictObject({ provider: z.literal('bicep'), path: z.string(), module: z.string() }),
  services: z.strictObject({
    api: z.strictObject({
      project: z.string(),
      language: z.literal('ts'),
      host: z.literal('function'),
      dist: z.string(),
      remoteBuild: z.literal(false),
      hooks: z.strictObject({ prepackage: z.strictObject({ posix: hook, windows: hook }) }),
    }),
    worker: z.strictObject({
      project: z.string(),
      language: z.literal('docker'),
      host: z.literal('containerapp'),
      docker: z.strictObject({
        path: z.string(),
        context: z.string(),
        platform: z.literal('linux/amd64'),
        image: z.literal('impasto-worker'),
        buildArgs: z.tuple([z.string().startsWith('VARIANT=')]),
      }),
    }),
  }),
  workflows: z.strictObject({
    up: z.strictObject({ steps: z.array(z.strictObject({ azd: z.string() })) }),
  }),
});

const project = projectSchema.parse(parse(readFileSync(join(rootFolder, 'azure.yaml'), 'utf8')));
const parametersSchema = z.object({ parameters: z.record(z.string(), z.object({ value: z.string() })) });
const { parameters } = parametersSchema.parse(readAzureJson('main.parameters.json'));
const main = readAzure('main.bicep');

test('azd finds the templates and both apps', () => {
  const { api, worker } = project.services;
  assert.equal(resolve(rootFolder, project.infra.path), azureFolder);
  assert.ok(existsSync(join(azureFolder, `${project.infra.module}.bicep`)));
  for (const { project: folder } of [api, worker]) {
    assert.ok(existsSync(join(rootFolder, folder, 'package.json')), folder);
  }
  const fromRoot = (path: string) => relative(rootFolder, resolve(rootFolder, worker.project, path));
  assert.equal(fromRoot(worker.docker.path), 'container-app/Dockerfile');
  assert.equal(fromRoot(worker.docker.context), '');
  assert.equal(relative(rootFolder, resolve(rootFolder, api.project, api.dist)), 'azure-function/dist/app');
});

test('each service of azd is the tag of exactly one resource', () => {
  const templates = ['modules/function.bicep', 'modules/worker.bicep'].map(readAzure).join('\n');
  const tags = [...templates.matchAll(/'azd-service-name': '([^']+)'/g)].map(([, name]) => name);
  assert.deepEqual(tags.sort(), Object.keys(project.services).sort());
  assert.match(main, /'azd-env-name': environmentName/);
});

test('azd makes the worker in two phases', () => {
  const steps = project.workflows.up.steps.map(({ azd }) => azd);
  assert.deepEqual(steps, ['provision', 'publish worker', 'provision', 'deploy api']);
  // What the push leaves behind; without it a later provision would put the placeholder back.
  assert.equal(parameters.workerImage?.value, '$' + '{SERVICE_WORKER_IMAGE_NAME=}');
});

test('azd gives only parameters that there are, and all without a default', () => {
  const declared = [...main.matchAll(/^param (\w+) \w+( =)?/gm)];
  const names = declared.map(([, name = '']) => name);
  assert.deepEqual(
    Object.keys(parameters).filter((name) => !names.includes(name)),
    [],
  );
  const needed = declared.filter(([, , hasDefault]) => hasDefault === undefined).map(([, name = '']) => name);
  assert.deepEqual(
    needed.filter((name) => !(name in parameters)),
    [],
  );
});

test('the defaults of azd are those of the template', () => {
  const differing = Object.entries(parameters).filter(([name, { value }]) => {
    const given = /^\$\{\w+=(.*)\}$/.exec(value)?.[1];
    const inTemplate = new RegExp(`^param ${name} \\w+ = (.*)$`, 'm').exec(main)?.[1]?.replaceAll("'", '');
    return given !== inTemplate;
  });
  assert.deepEqual(
    differing.map(([name]) => name),
    [],
  );
});
