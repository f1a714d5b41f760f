/** The sound tracks of the live version; others are added, or put in their place. */

import { useRef, useState } from "react";

import type { LiveVersion } from "../api/types";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { languageName, useLanguage } from "../words";
import { UploadCard } from "./UploadCard";
import { useRepublish } from "./live";
import { sendSound, useDeliveries, type SoundRole } from "./uploads";
import { useStudioWords } from "./words";

type Track = LiveVersion["audio"][number];
const ROLES: SoundRole[] = ["main", "description", "commentary"];
const FILES = ".wav,.w64,.flac,.ac3,.eac3,.ec3,.m4a,.mka,.ogg,.opus,.mp4,.mov,.mkv,audio/*";

export function TitleSounds({ titleId, contentId, live }: { titleId: string; contentId: string; live: LiveVersion }) {
  const words = useStudioWords();
  const language = useLanguage();
  const change = useRepublish(titleId, contentId);
  const [removing, setRemoving] = useState<Track | null>(null);
  const close = () => {
    setRemoving(null);
    change.reset();
  };
  const nameOf = (track: Track) => {
    const role = track.descriptive ? "description" : track.commentary ? "commentary" : "main";
    const spoken = track.language === "und" ? words.unknownLanguage : languageName(track.language, language);
    const parts = [spoken, track.channels > 2 ? "5.1" : words.stereo];
    if (role !== "main") parts.push(words.soundRoles[role]);
    if (track.label) parts.push(track.label);
    return parts.join(", ");
  };
  return (
    <fieldset className="form">
      <legend>{words.sound}</legend>
      {live.audio.length === 0 && <p className="quiet">{words.noSound}</p>}
      <ul className="studio-subtitles">
        {live.audio.map((track) => (
          <li key={track.name}>
            <strong>{nameOf(track)}</strong>
            <span className="quiet">{track.name}</span>
            <button
              type="button"
              aria-label={words.removeSound(nameOf(track))}
              onClick={() => setRemoving(track)}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      {removing && (
        <ConfirmDialog
          title={words.removeSound(nameOf(removing))}
          confirm={words.removeSoundConfirm}
          danger
          busy={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate({ without_audio: [removing.name] }, { onSuccess: close })}
          onClose={close}
        >
          <p className="lead">{words.removeSoundSure}</p>
        </ConfirmDialog>
      )}
      <NewSound titleId={titleId} contentId={contentId} />
    </fieldset>
  );
}

function NewSound({ titleId, contentId }: { titleId: string; contentId: string }) {
  const words = useStudioWords();
  const language = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  const sending = useDeliveries().filter((delivery) => delivery.sound?.contentId === contentId);
  const [code, setCode] = useState<string>(language);
  const [role, setRole] = useState<SoundRole>("main");
  const [label, setLabel] = useState("");
  const [replaces, setReplaces] = useState(false);
  return (
    <>
      <p className="quiet">{words.soundHint}</p>
      <div className="studio-facts-row">
        <label className="field">
          <span>{words.language}</span>
          <input value={code} onChange={(event) => setCode(event.target.value.trim())} />
          <span className="quiet">{words.languageHint}</span>
        </label>
        <label className="field">
          <span>{words.soundRole}</span>
          <select value={role} onChange={(event) => setRole(event.target.value as SoundRole)}>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {words.soundRoles[one]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{words.soundLabel}</span>
          <input value={label} maxLength={60} onChange={(event) => setLabel(event.target.value)} />
          <span className="quiet">{words.soundLabelHint}</span>
        </label>
      </div>
      <label className="check">
        <input type="checkbox" checked={replaces} onChange={(event) => setReplaces(event.target.checked)} />
        {words.replaceSound}
      </label>
      <div className="studio-actions">
        <button type="button" disabled={!code} onClick={() => input.current?.click()}>
          {words.addSound}
        </button>
      </div>
      <ul className="studio-uploads">
        {sending.map((delivery) => (
          <UploadCard key={delivery.key} delivery={delivery} />
        ))}
      </ul>
      <input
        ref={input}
        type="file"
        accept={FILES}
        className="unseen"
        aria-label={words.addSound}
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) sendSound(file, { titleId, contentId, language: code, role, label, replaces });
          event.target.value = "";
        }}
      />
    </>
  );
}
