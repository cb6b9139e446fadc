// GET /api: what there is, for somebody who has only the address.
import { limits } from '@impasto/shared';
import packageJson from '../package.json' with { type: 'json' };
import type { Handler } from './http/respond.ts';
import { methodsOfRoute, routes } from './http/routes.ts';

export function makeGetIndex(models: readonly string[]): Handler {
  return async () => ({
    jsonBody: {
      name: 'impasto',
      version: packageJson.version,
      routes: routes.flatMap((route) =>
        methodsOfRoute(route).map((method) => ({
          method,
          path: `/api/${route.path}`.replace(/(?<!\/)\/+$/, ''),
          about: route.about,
        })),
      ),
      models,
      limits: {
        image_bytes: limits.maxImageBytes,
        image_pixels: limits.maxImagePixels,
        image_side_pixels_at_least: limits.minImageSidePixels,
        prompt_characters: limits.maxPromptCharacters,
        result_side_pixels: limits.maxResultSidePixels,
      },
    },
  });
}
