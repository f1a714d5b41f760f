/** A profile's settings, or a new profile. */

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { answered, api } from "../api/client";
import { queryClient } from "../api/queries";
import { profileChanged } from "../api/session";
import type { Avatar as AvatarName, Maturity, Profile, ProfileDraft } from "../api/types";
import { Avatar, AVATARS } from "../components/Avatar";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { Failure } from "../components/Failure";
import { useModal } from "../components/modal";
import { languageName, LANGUAGES, useLanguage, useWords } from "../words";

const LEVELS: Maturity[] = [0, 7, 13, 16, 18];

interface Props {
  profile: Profile | null;
  household: readonly Profile[];
  onClose: () => void;
}

export function ProfileDialog({ profile, household, onClose }: Props) {
  const words = useWords();
  const language = useLanguage();
  const dialog = useModal();
  const [kids, setKids] = useState(profile?.kids ?? false);
  const [removing, setRemoving] = useState(false);
  const taken = household.map((other) => other.avatar);
  const ownFace = profile?.avatar ?? AVATARS.find((face) => !taken.includes(face)) ?? AVATARS[0];
  const { save, remove } = useChanges(profile, onClose);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(draftOf(new FormData(event.currentTarget)));
  };
  return (
    <>
      <dialog ref={dialog} onClose={onClose} aria-labelledby="profile-heading">
        <h2 id="profile-heading">{profile ? words.editProfile(profile.name) : words.addProfile}</h2>
        <form className="form" onSubmit={submit}>
          <Failure error={save.error} />
          <label className="field">
            <span>{words.profileName}</span>
            <input name="name" required maxLength={40} defaultValue={profile?.name} autoComplete="off" autoFocus />
          </label>
          <fieldset className="faces">
            <legend>{words.profileFace}</legend>
            {AVATARS.map((face) => (
              <label key={face}>
                <input type="radio" name="avatar" value={face} aria-label={words.faces[face] ?? face} defaultChecked={face === ownFace} />
                <Avatar name={face} />
              </label>
            ))}
          </fieldset>
          <label className="field">
            <span>{words.profileLanguage}</span>
            <select name="locale" defaultValue={profile?.locale ?? language}>
              {LANGUAGES.map((code) => (
                <option key={code} value={code}>
                  {languageName(code, code)}
                </option>
              ))}
            </select>
          </label>
          <label className="check">
            <input type="checkbox" name="kids" checked={kids} onChange={(event) => setKids(event.target.checked)} />
            {words.profileKids}
          </label>
          <label className="field">
            <span>{words.profileMaturity}</span>
            <select name="maturity" defaultValue={profile?.maturity ?? 18} key={String(kids)}>
              {LEVELS.filter((level) => !kids || level <= 7).map((level) => (
                <option key={level} value={level}>
                  {words.upToAge(level)}
                </option>
              ))}
            </select>
          </label>
          <Check name="autoplay" label={words.autoplay} checked={profile?.autoplay ?? true} />
          <Check name="data_saver" label={words.dataSaver} checked={profile?.data_saver ?? false} />
          <PinField profile={profile} />
          <div className="actions">
            <button type="submit" className="button" disabled={save.isPending}>
              {save.isPending ? words.working : words.save}
            </button>
            <button type="button" className="button button-quiet" onClick={onClose}>
              {words.cancel}
            </button>
            {profile && household.length > 1 && (
              <button type="button" className="button button-danger" onClick={() => setRemoving(true)}>
                {words.deleteProfile}
              </button>
            )}
          </div>
        </form>
      </dialog>
      {profile && removing && (
        <ConfirmDialog title={words.deleteProfile} confirm={words.deleteProfile} danger busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={() => setRemoving(false)}>
          <p>{words.deleteProfileSure(profile.name)}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Check({ name, label, checked }: { name: string; label: string; checked: boolean }) {
  return (
    <label className="check">
      <input type="checkbox" name={name} defaultChecked={checked} />
      {label}
    </label>
  );
}

function PinField({ profile }: { profile: Profile | null }) {
  const words = useWords();
  return (
    <>
      <label className="field">
        <span>{words.profilePin}</span>
        <input name="pin" type="password" inputMode="numeric" pattern="\d{4}" maxLength={4} autoComplete="new-password" />
        {profile?.has_pin && <span className="quiet">{words.profilePinSet}</span>}
      </label>
      {profile?.has_pin && (
        <>
          <Check name="no_pin" label={words.removePin} checked={false} />
          <label className="field">
            <span>{words.pinProof}</span>
            <input name="proof" type="password" maxLength={200} autoComplete="off" />
          </label>
        </>
      )}
    </>
  );
}

function useChanges(profile: Profile | null, onClose: () => void) {
  const done = async () => {
    await queryClient.invalidateQueries({ queryKey: ["profiles"] });
    onClose();
  };
  const save = useMutation({
    mutationFn: (draft: ProfileDraft) =>
      answered(
        profile
          ? api.PATCH("/api/profiles/{profile_id}", { params: { path: { profile_id: profile.id } }, body: draft })
          : api.POST("/api/profiles", { body: draft }),
      ),
    onSuccess: async (saved) => {
      profileChanged(saved);
      await done();
    },
  });
  const remove = useMutation({
    mutationFn: () => 
      answered(api.DELETE("/api/profiles/{profile_id}", { params: { path: { profile_id: profile?.id ?? "" } } })),
    onSuccess: done,
  });
  return { save, remove };
}

function draftOf(form: FormData): ProfileDraft {
  const pin = String(form.get("pin") ?? "");
  const off = form.get("no_pin") === "on";
  const proof = String(form.get("proof") ?? "");
  const proven = proof ? (/^\d{4}$/.test(proof) ? { current_pin: proof } : { password: proof }) : {};
  return {
    name: String(form.get("name")).trim(),
    avatar: form.get("avatar") as AvatarName,
    locale: String(form.get("locale")),
    kids: form.get("kids") === "on",
    maturity: Number(form.get("maturity")) as Maturity,
    autoplay: form.get("autoplay") === "on",
    data_saver: form.get("data_saver") === "on",
    ...(off ? { pin: "", ...proven } : pin ? { pin, ...proven } : {}),
  };
}
