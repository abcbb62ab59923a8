// parquetjs-lite opens files only in functions that the browser never calls.
export {};
