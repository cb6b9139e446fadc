// The site has the shape that its plan takes.
import { test } from 'node:test';
import { bothDoorsTakeNoPassword, flexTakesTheSite } from './flex.ts';
import { catches, holds } from './testing.ts';

const file = 'modules/function.bicep';

for (const line of ["ftpsState: 'Disabled'", "linuxFxVersion: 'NODE|22'", 'alwaysOn: false']) {
  test(`Flex Consumption refuses ${line}`, async () => {
    await holds(flexTakesTheSite);
    await catches(flexTakesTheSite, {
      [file]: ['    siteConfig: {\n', `    siteConfig: {\n      ${line}\n`],
    });
  });
}

test('neither FTP nor the deployment site takes a password', async () => {
  await holds(bothDoorsTakeNoPassword);
  await catches(bothDoorsTakeNoPassword, { [file]: ["  name: 'ftp'\n", "  name: 'scm'\n"] });
});
