// Words for light and for contrast.
import { entry, type LexiconEntry, noOpposite } from './lexicon-entry.ts';

export const lightEntries: readonly LexiconEntry[] = [
  entry('light', 'bright, lighter, lightest, luminous, radiant, brilliant, well light', { brightness: 1.17 }),
  entry(
    'light',
    'brightness, exposure, luminosity',
    { brightness: 1.17 },
    { kind: 'noun', none: { brightness: 0.6 } },
  ),
  entry('light', 'light', { brightness: 1.15 }, { kind: 'aspect', none: { brightness: 0.55 } }),
  entry(
    'light',
    'highlight',
    { brightness: 1.08, contrast: 1.08 },
    { kind: 'aspect', none: { brightness: 0.85, contrast: 0.8 } },
  ),
  entry('light', 'dark, dim, low light, shadowy, shady', { brightness: 0.8 }),
  entry('light', 'darkness', { brightness: 0.8 }, { kind: 'noun' }),
  entry(
    'light',
    'shadow',
    { brightness: 0.88, contrast: 1.1 },
    { kind: 'aspect', none: { brightness: 1.15, contrast: 0.8 } },
  ),
  entry('light', 'moody, gloomy, brooding, somber, melancholic, sad', {
    brightness: 0.82,
    saturation: 0.76,
    contrast: 1.08,
    warmth: -0.1,
  }),
  entry(
    'light',
    'golden hour, sunset, sunrise, dawn',
    { warmth: 0.62, saturation: 1.14, brightness: 1.02, contrast: 0.97 },
    noOpposite,
  ),
  entry('light', 'sunny, sunlight, sunshine', {
    brightness: 1.12,
    warmth: 0.28,
    saturation: 1.12,
    contrast: 1.05,
  }),
  entry(
    'light',
    'candlelight, firelight, warm glow',
    { warmth: 0.7, brightness: 0.84, contrast: 1.06 },
    noOpposite,
  ),
  entry(
    'light',
    'blue hour, twilight, dusk',
    { warmth: -0.5, brightness: 0.84, saturation: 0.95 },
    noOpposite,
  ),
  entry(
    'light',
    'night, midnight, moonlight, nocturnal',
    { warmth: -0.5, brightness: 0.56, saturation: 0.58 },
    noOpposite,
  ),
  entry('light', 'soft light, gentle light, diffuse, diffused, diffuse light', {
    contrast: 0.8,
    sharpness: -0.22,
    brightness: 1.04,
  }),
  entry('light', 'hard light, harsh light, harsh', { contrast: 1.28, sharpness: 0.2, brightness: 1.04 }),
  entry('light', 'dreamy, ethereal, romantic, magical, dreamlike', {
    sharpness: -0.45,
    brightness: 1.12,
    contrast: 0.84,
    saturation: 0.95,
  }),
  entry('light', 'glowing, glow', { brightness: 1.12, warmth: 0.2, sharpness: -0.25, saturation: 1.08 }),
  entry('light', 'high key, airy, light and airy', { brightness: 1.26, contrast: 0.84, saturation: 0.9 }),
  entry('light', 'low key, chiaroscuro', { brightness: 0.76, contrast: 1.28, saturation: 0.85 }),
  entry(
    'light',
    'film noir, noir',
    { brightness: 0.78, contrast: 1.32, saturation: 0, grain: 0.15 },
    noOpposite,
  ),
  entry('light', 'foggy, misty, hazy, smoky, fog, mist, haze', {
    contrast: 0.66,
    saturation: 0.76,
    brightness: 1.1,
    sharpness: -0.25,
  }),
  entry('light', 'overcast, cloudy, rainy, stormy', {
    brightness: 0.92,
    saturation: 0.76,
    contrast: 0.9,
    warmth: -0.2,
  }),
];

export const contrastEntries: readonly LexiconEntry[] = [
  entry('contrast', 'contrast', { contrast: 1.25 }, { kind: 'noun', none: { contrast: 0.5 } }),
  entry('contrast', 'contrasty, punchy, striking, deep black', { contrast: 1.28, saturation: 1.06 }),
  entry('contrast', 'dramatic, epic, powerful, dramatic contrast', {
    contrast: 1.32,
    brightness: 0.92,
    saturation: 1.08,
  }),
  entry('contrast', 'bold, dynamic, energetic, expressive, graphic', {
    contrast: 1.2,
    saturation: 1.2,
    sharpness: 0.12,
  }),
  entry('contrast', 'flat, matte, soft contrast, gentle contrast, subtle contrast', { contrast: 0.76 }),
  entry('contrast', 'calm, serene, peaceful, quiet, tranquil, relaxed', {
    contrast: 0.86,
    saturation: 0.84,
    sharpness: -0.15,
  }),
];
