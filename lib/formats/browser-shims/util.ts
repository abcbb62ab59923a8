interface Inheriting {
  prototype: object;
  super_?: unknown;
}

/** As in Node; thrift makes its errors with it. */
export function inherits(heir: Inheriting, parent: Inheriting): void {
  heir.super_ = parent;
  Object.setPrototypeOf(heir.prototype, parent.prototype);
}
