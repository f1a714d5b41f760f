import { useModal } from "../components/modal";
import { useWords } from "../words";

export function KeysSheet({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const sheet = useModal();
  return (
    <dialog ref={sheet} className="keys" aria-labelledby="keys-heading" onClose={onClose}>
      <h2 id="keys-heading">{words.watch.keys}</h2>
      <dl>
        {words.watch.keyRows.map(([keys, does]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="button button-quiet" onClick={onClose}>
        {words.close}
      </button>
    </dialog>
  );
}
