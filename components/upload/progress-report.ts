/** How many bytes are done. */
export type Report = (doneBytes: number, totalBytes: number) => void;
