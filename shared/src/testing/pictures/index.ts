// The door to picture files made byte by byte, for tests of both apps.
export { isoMedia, webpHeader } from './containers.ts';
export { flatGif, gifHeader } from './gif.ts';
export { adobeSegment, flatJpeg, jpegProfile, jpegSegment, withJpegSegments } from './jpeg.ts';
export { mutate } from './mutate.ts';
export { pngChunk, pngHeader, pngOf, pngPixels, tinyPng, withPngChunks } from './png.ts';
export { makeRandom, type Random } from './random.ts';
export { type RefusedPicture, refusedPictures } from './refused-pictures.ts';
export { tiffHeader, tiffOf } from './tiff.ts';
