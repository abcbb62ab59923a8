/** The product's sign: rows sliding into a table. */
export function Logo() {
  return (
    <svg viewBox="0 0 24 24" className="size-7" aria-hidden="true">
      <rect x="1" y="1" width="22" height="22" rx="5.5" className="fill-accent" />
      <path
        d="M6 7.5h7M6 12h9.5M6 16.5h4.5M14.2 9.2L17.4 12.2l-3.2 3"
        fill="none"
        className="stroke-on-accent"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
