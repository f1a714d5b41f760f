/** Chooses the part of a picture that is shown: by dragging it, or by three sliders. */

import { useLayoutEffect, useRef, useState, type PointerEvent } from "react";

import { cropOf, MOST_ZOOM, partOf, WHOLE, type Frame } from "./crop";
import { useStudioWords } from "./words";

interface Props {
  readonly url: string;
  /** The width by the height of the picture, and of what is shown of it. */
  readonly picture: number;
  readonly shape: number;
  readonly name: string;
  readonly hint: string;
  readonly zoom?: number; // the most of it
  readonly onChoose: (crop: string) => void;
  readonly onClose: () => void;
}

export function CropDialog({ url, picture, shape, name, hint, zoom: most = MOST_ZOOM, onChoose, onClose }: Props) {
  const words = useStudioWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [frame, setFrame] = useState<Frame>(WHOLE);
  useLayoutEffect(() => {
    const node = dialog.current;
    node?.showModal();
    return () => node?.close(); // before it goes, so that the focus goes back to where it was
  }, []);
  const part = partOf(frame, picture, shape);
  const choose = () => {
    dialog.current?.close(); // before the dialog beneath it, which gives the focus back in its turn
    onChoose(cropOf(part));
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    const { clientWidth, clientHeight } = event.currentTarget;
    setFrame({
      ...frame,
      x: part.left + part.width / 2 - (event.movementX / clientWidth) * part.width,
      y: part.top + part.height / 2 - (event.movementY / clientHeight) * part.height,
    });
  };
  return (
    <dialog ref={dialog} className="studio-crop" aria-label={`${words.cropTitle}: ${name}`} onClose={() => dialog.current?.open || onClose()}>
      <h2>{words.cropTitle}</h2>
      <p className="quiet">{hint}</p>
      <div
        className="studio-crop-frame"
        style={{ aspectRatio: String(shape), width: `min(100%, calc(46vh * ${shape}))` }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={move}
      >
        <img
          src={url}
          alt=""
          draggable={false}
          style={{
            width: `${100 / part.width}%`,
            height: `${100 / part.height}%`,
            left: `${(-100 * part.left) / part.width}%`,
            top: `${(-100 * part.top) / part.height}%`,
          }}
        />
      </div>
      <Slider label={words.cropZoom} min={1} max={Math.max(1, most)} value={frame.zoom} onChange={(zoom) => setFrame({ ...frame, zoom })} />
      <Slider label={words.cropAcross} min={0} max={1} value={frame.x} onChange={(x) => setFrame({ ...frame, x })} />
      <Slider label={words.cropDown} min={0} max={1} value={frame.y} onChange={(y) => setFrame({ ...frame, y })} />
      <div className="studio-actions">
        <button type="button" className="studio-main" onClick={choose}>
          {words.cropUse}
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          {words.cropCancel}
        </button>
      </div>
    </dialog>
  );
}

function Slider({ label, min, max, value, onChange }: { label: string; min: number; max: number; value: number; onChange: (value: number) => void }) {
  return (
    <label className="studio-slider">
      <span>{label}</span>
      <input type="range" min={min} max={max} step={0.01} value={value} onChange={(event) => onChange(event.target.valueAsNumber)} />
    </label>
  );
}
