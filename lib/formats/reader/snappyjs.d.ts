declare module 'snappyjs' {
  const SnappyJS: {
    /** Throws when the bytes are damaged or claim to unpack to more than `maxLength`. */
    uncompress(packed: Uint8Array, maxLength?: number): Uint8Array;
    compress(bytes: Uint8Array): Uint8Array;
  };
  export default SnappyJS;
}
