import { testPlants } from './planted.ts';

testPlants([
  {
    mistake: 'a name that is not declared',
    replace: 'environmentId: environment_.id',
    by: 'environmentId: enviroment.id',
    message: 'Expected a declaration, for enviroment, received nothing.',
  },
  {
    mistake: 'a loop variable outside of its loop',
    replace: "name: 'environment'",
    by: 'name: index',
    message: 'Expected a declaration, for index, received nothing.',
  },
  {
    mistake: 'a function that does not exist',
    replace: 'length(other)',
    by: 'len(other)',
    message: 'Expected a function of Bicep, for a call, received len.',
  },
  {
    mistake: 'a file that does not exist',
    replace: 'tags: tags',
    by: "tags: union(tags, loadJsonContent('nowhere.json'))",
    message: 'Expected a file, for loadJsonContent, received nowhere.json.',
  },
  {
    mistake: 'a property that a resource does not have',
    replace: 'primaryEndpoints.blob }',
    by: 'primaryEndpoints.blobs }',
    message: 'Expected a property, for account.properties.primaryEndpoints.blobs, received blobs.',
  },
  {
    mistake: 'a property that one item of a list does not have',
    replace: "{ title: 'b', limit: 2 }",
    by: "{ title: 'b', limits: 2 }",
    at: 'output titles',
    message: 'Expected a property, for rules.[].limit, received limit.',
  },
  {
    mistake: 'a call that each deployment answers anew',
    replace: "name: 'environment'",
    by: 'name: utcNow()',
    message: 'Expected the default of a parameter, for a call of utcNow, received another place.',
  },
  {
    mistake: 'a resource that needs itself',
    replace: "name: 'environment'",
    by: 'name: environment_.id',
    at: 'resource environment_',
    message: 'Expected an order, for environment_, received the cycle environment_ -> environment_.',
  },
  {
    mistake: 'a decorator that does not exist',
    replace: '@secure()',
    by: '@secret()',
    at: 'param secret',
    message: 'Expected a decorator of Bicep, for secret, received secret.',
  },
  {
    mistake: 'a parameter that nothing uses',
    replace: '\nparam gpu bool',
    by: "\nparam unused string = ''\nparam gpu bool",
    at: 'param unused',
    message: 'Expected a use, for unused, received none.',
  },
  {
    mistake: 'a name that is declared twice',
    replace: '\nvar tags = ',
    by: "\nvar stage = 'x'\nvar tags = ",
    at: 'var stage',
    message: 'Expected one declaration, for stage, received another one.',
  },
  {
    mistake: 'a property that is not in a JSON file',
    replace: 'project.version',
    by: 'project.versoin',
    message: 'Expected a property, for project.versoin, received versoin.',
  },
]);
