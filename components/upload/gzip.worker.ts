import { gzipSync } from '#lib/formats/browser-shims/zlib.ts';

/** A page on its way to be compressed, and back under the same number. */
export interface GzipMessage {
  number: number;
  bytes: Uint8Array<ArrayBuffer>;
}

// The page sends one end of a channel, the thread that converts has the other.
self.onmessage = ({ data: port }: MessageEvent<MessagePort>) => {
  port.onmessage = ({ data: { number, bytes } }: MessageEvent<GzipMessage>) => {
    const compressed = gzipSync(bytes) as Uint8Array<ArrayBuffer>;
    port.postMessage({ number, bytes: compressed } satisfies GzipMessage, [compressed.buffer]);
  };
};
