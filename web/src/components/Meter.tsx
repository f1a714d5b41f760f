import { useWords } from "../words";

/** How much was watched. */
export function Meter({ share }: { share: number }) {
  const words = useWords();
  return (
    <span className="meter" role="img" aria-label={words.watched(Math.round(share * 100))}>
      <span style={{ inlineSize: `${share * 100}%` }} />
    </span>
  );
}
