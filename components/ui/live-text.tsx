/** Text for screen readers, read when it changes: give it milestones, never each percent. */
export function LiveText({ children }: { children: string }) {
  return (
    <p role="status" className="sr-only">
      {children}
    </p>
  );
}
