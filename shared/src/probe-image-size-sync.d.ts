// Types for the part of probe-image-size that reads headers from bytes; the rest of it fetches over the network.
declare module 'probe-image-size/sync.js' {
  interface Probed {
    readonly width: number;
    readonly height: number;
    readonly type: string;
  }
  type Parser = (bytes: Uint8Array) => Probed | undefined;
  const probe: {
    readonly parsers: Readonly<Record<'avif' | 'gif' | 'jpeg' | 'png' | 'tiff' | 'webp', Parser>>;
  };
  export = probe;
}
