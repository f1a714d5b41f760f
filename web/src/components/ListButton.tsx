import { asProblem } from "../api/problem";
import { useListChange } from "../api/queries";
import { sentenceOf, useWords } from "../words";
import { Icon } from "./Icon";

export function ListButton(props: { titleId: string; inList: boolean; onChange?: (inList: boolean) => void; tabIndex?: number; small?: boolean; tile?: boolean }) {
  const words = useWords();
  const change = useListChange(props.titleId);
  const label = props.inList ? words.removeFromList : words.addToList;
  const refused = change.error ? sentenceOf(words, asProblem(change.error)) : "";
  return (
    <button
      type="button"
      className={props.small ? "round round-small" : "round"}
      aria-label={label}
      aria-pressed={props.inList}
      title={refused || label}
      tabIndex={props.tabIndex}
      {...(props.tile ? { "data-tile": "" } : {})}
      onClick={() => {
        change.mutate(!props.inList, { onError: () => props.onChange?.(props.inList) });
        props.onChange?.(!props.inList);
      }}
    >
      <Icon name={props.inList ? "check" : "plus"} />
      {refused && (
        <span className="unseen" role="alert">
          {refused}
        </span>
      )}
    </button>
  );
}
