/** The name, with the beam that throws it. */
export function Mark({ large }: { large?: boolean }) {
  return (
    <span className={large ? "mark mark-large" : "mark"}>
      <svg viewBox="0 0 44 32" aria-hidden="true">
        <path d="M9 20 44 2v28z" fill="currentColor" opacity=".22" />
        <path d="M9 20 44 12v12z" fill="currentColor" opacity=".75" />
        <circle cx="8" cy="20" r="6" fill="currentColor" />
      </svg>
      <span>Vitascope</span>
    </span>
  );
}
