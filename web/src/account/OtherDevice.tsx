/** Signs in another device by a code: drawn for its camera, and to be typed. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { answered, api } from "../api/client";
import { devicesQuery } from "../api/queries";
import type { Device } from "../api/types";
import { Failure } from "../components/Failure";
import { Icon } from "../components/Icon";
import { useModal } from "../components/modal";
import { useWords } from "../words";

const LOOK_MS = 3000;

/** `there` are the devices that are signed in already. */
export function OtherDevice({ there }: { there: Device[] }) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button button-quiet account-other" onClick={() => setOpen(true)}>
        <Icon name="plus" />
        {words.otherDevice}
      </button>
      {open && <CodeDialog there={there} onClose={() => setOpen(false)} />}
    </>
  );
}

function CodeDialog({ there, onClose }: { there: Device[]; onClose: () => void }) {
  const words = useWords();
  const node = useModal();
  const [before] = useState(() => new Set(there.map((device) => device.id)));
  const make = useMutation({ mutationFn: () => answered(api.POST("/api/device-code")) });
  const { mutate, data: shown } = make;
  useEffect(() => mutate(), [mutate]);
  const over = useIsOver(shown);
  const devices = useQuery({ ...devicesQuery, refetchInterval: LOOK_MS });
  const came = devices.data?.find((device) => !before.has(device.id));
  return (
    <dialog ref={node} onClose={onClose} aria-labelledby="other-device-title" className="other-device">
      <h2 id="other-device-title">{words.otherDevice}</h2>
      <div className="form">
        <Failure error={make.error} />
        <p role="status">{came ? words.otherDeviceCame(came.name) : over ? words.otherDeviceOver : ""}</p>
        {shown && !came && !over && (
          <>
            {shown.address ? (
              <>
                <p>{words.otherDeviceScan}</p>
                <Squares rows={shown.squares} label={words.otherDeviceQr} />
                <p className="quiet">{words.otherDeviceType}</p>
                <p className="other-device-page">{shown.page}</p>
                <p className="other-device-code">{shown.code}</p>
                <p className="quiet">{words.otherDeviceWarning}</p>
              </>
            ) : (
              <p>{words.otherDeviceUnreached}</p>
            )}
          </>
        )}
        <div className="actions">
          {over && !came && (
            <button type="button" className="button" onClick={() => mutate()}>
              {words.anotherCode}
            </button>
          )}
          <button type="button" className="button button-quiet" data-first="" onClick={() => node.current?.close()}>
            {words.close}
          </button>
        </div>
      </div>
    </dialog>
  );
}

/** Readers want four light squares around the code. */
function Squares({ rows, label }: { rows: string[]; label: string }) {
  const side = rows.length + 8;
  const dark = rows.flatMap((row, y) => [...row].map((square, x) => (square === "1" ? `M${x} ${y}h1v1h-1z` : "")));
  return (
    <svg className="other-device-squares" viewBox={`-4 -4 ${side} ${side}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect x="-4" y="-4" width={side} height={side} fill="#fff" />
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}

/** By the time that passes, since the clock of this device may be wrong. */
function useIsOver(shown: { code: string; expires_in_s: number } | undefined): boolean {
  const [over, setOver] = useState("");
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => setOver(shown.code), shown.expires_in_s * 1000);
    return () => clearTimeout(timer);
  }, [shown]);
  return !!shown && over === shown.code;
}
