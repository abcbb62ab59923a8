/** Base of a class of parquetjs-lite that the browser never makes an instance of. */
export class Transform {}
