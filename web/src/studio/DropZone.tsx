import { useRef, useState, type DragEvent } from "react";

import { add } from "./uploads";
import { useStudioWords } from "./words";

/** Endings beside `video/*`: not every system knows the type of each of these. */
export const MASTERS = "video/*,.mov,.mp4,.m4v,.mkv,.webm,.mxf,.ts,.m2ts,.mts,.mpg,.mpeg,.vob,.avi,.dv,.flv,.wmv,.asf";

/** A place to drop files, which is a button for those who do not drag. */
export function DropZone() {
  const words = useStudioWords();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);

  const drag = (event: DragEvent, entering: boolean) => {
    event.preventDefault();
    setOver(entering);
  };

  return (
    <div
      className={over ? "studio-drop over" : "studio-drop"}
      onDragOver={(event) => drag(event, true)}
      onDragLeave={(event) => drag(event, false)}
      onDrop={(event) => {
        drag(event, false);
        add(event.dataTransfer.files);
      }}
    >
      <p className="studio-drop-words">{over ? words.dropNow : words.drop}</p>
      <p className="quiet">{words.dropHint}</p>
      <button type="button" className="studio-main" onClick={() => input.current?.click()}>
        {words.choose}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        accept={MASTERS}
        className="unseen"
        aria-label={words.choose}
        tabIndex={-1}
        onChange={(event) => {
          add(event.target.files ?? []);
          event.target.value = "";
        }}
      />
    </div>
  );
}
