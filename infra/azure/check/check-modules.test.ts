import { testPlants } from './planted.ts';

testPlants([
  {
    mistake: 'a misspelt property of a module',
    replace: "  name: 'part'",
    by: "  nam: 'part'",
    message: 'Expected name, scope, params, dependsOn, identity, for the module part, received nam.',
  },
  {
    mistake: 'a default that is not allowed',
    replace: "param stage string = 'dev'",
    by: "param stage string = 'test'",
    message: "Expected 'dev' | 'prod', for stage, received 'test'.",
  },
  {
    mistake: 'an output of another type',
    replace: 'output keys int = length(other)',
    by: 'output keys bool = length(other)',
    message: 'Expected bool, for keys, received int.',
  },
  {
    mistake: 'a parameter that the module needs',
    replace: ', count: replicas',
    by: '',
    at: 'module part',
    message: 'Expected a value, for part.params.count, received nothing.',
  },
  {
    mistake: 'a parameter that the module does not have',
    replace: 'count: replicas',
    by: "count: replicas, colour: 'red'",
    message: 'Expected a parameter (size, count, more), for the module part, received colour.',
  },
  {
    mistake: 'a value that the module does not allow',
    replace: "size: 'small'",
    by: "size: 'tiny'",
    message: "Expected 'small' | 'large', for part.params.size, received 'tiny'.",
  },
  {
    mistake: 'a value of a type that the module does not take',
    replace: 'count: replicas',
    by: 'count: stage',
    message: 'Expected int, for part.params.count, received string.',
  },
  {
    mistake: 'a property that a parameter of the module does not have',
    replace: "{ colour: 'green' }",
    by: "{ colour: 'green', shade: 'dark' }",
    message: 'Expected a property (colour, note), for part.params.more[], received shade.',
  },
  {
    mistake: 'a property that a parameter of the module needs',
    replace: "{ colour: 'green' }",
    by: "{ note: 'none' }",
    message: 'Expected a value, for part.params.more[].colour, received nothing.',
  },
  {
    mistake: 'an output that the module does not have',
    replace: 'part.outputs.id',
    by: 'part.outputs.ids',
    message: 'Expected an output (id, colours), for part, received ids.',
  },
  {
    mistake: 'a module that does not exist',
    replace: "'part.bicep'",
    by: "'parts.bicep'",
    message: 'Expected a template, for the module part, received parts.bicep.',
  },
]);
