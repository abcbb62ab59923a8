/** Keys that are compared: 16 million take 256 MB, and a page should not take more. */
const MAX_KEYS = 1 << 24;

const FIRST_SLOTS = 1 << 12;

/**
 * Tells texts that were there before. Of each it keeps 53 bits: a set of a million strings would take ten times the
 * memory. Among a million different texts two are taken for equal once in 20,000 files, which a preview can bear.
 */
export class KeySet {
  #slots = new Float64Array(FIRST_SLOTS);
  #size = 0;

  /** Whether no more texts are taken: from then on none is said to be there before. */
  get isFull(): boolean {
    return this.#size >= MAX_KEYS;
  }

  /** Takes a text; true if it was there before. */
  add(text: string): boolean {
    if (this.isFull) return false;
    const isNew = place(this.#slots, hash(text));
    if (!isNew) return true;
    this.#size++;
    if (this.#size * 2 > this.#slots.length) this.#grow();
    return false;
  }

  #grow(): void {
    const larger = new Float64Array(this.#slots.length * 2);
    for (const value of this.#slots) if (value !== 0) place(larger, value);
    this.#slots = larger;
  }
}

/** Puts a value into its slot or the next free one; false if it is there. */
function place(slots: Float64Array, value: number): boolean {
  const mask = slots.length - 1;
  let index = value % slots.length;
  for (; slots[index] !== 0; index = (index + 1) & mask) if (slots[index] === value) return false;
  slots[index] = value;
  return true;
}

/** 53 bits of a text, never 0: two multiplicative hashes side by side, mixed at the end as MurmurHash3 does. */
function hash(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 0x85ebca77);
    low = Math.imul(low ^ code, 0xc2b2ae3d);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (high & 0x1fffff) * 0x1_0000_0000 + (low >>> 0) || 1;
}
