/** Who is watching? Some profiles ask for their PIN. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import "./account.css";

import { answered, api } from "../api/client";
import { asProblem, Problem } from "../api/problem";
import { profilesQuery, queryClient } from "../api/queries";
import { enter, useSession } from "../api/session";
import type { Profile } from "../api/types";
import { safeTarget } from "../gate";
import { Avatar } from "../components/Avatar";
import { Icon } from "../components/Icon";
import { Splash, Trouble } from "../components/Notice";
import { useSignOut } from "../shell";
import { sentenceOf, useWords } from "../words";
import { PinDialog } from "./PinDialog";

export default function Who() {
  const words = useWords();
  const session = useSession();
  const out = useSignOut();
  const profiles = useQuery(profilesQuery);
  const { choose, pending, setPending } = useChoice();
  useOnlyProfile(profiles.data, choose.mutate);
  const problem = choose.isError ? asProblem(choose.error) : null;
  const refusedPin = problem?.code === "pin-needed" ? null : problem;
  if (profiles.isError) {
    return <Trouble problem={asProblem(profiles.error)} onRetry={() => void profiles.refetch()} whole />;
  }
  if (!profiles.data) return <Splash />;
  const partner = session.state === "in" && session.account.role !== "viewer";
  return (
    <main className="who">
      <title>{`${words.whoIsWatching} · ${words.brand}`}</title>
      <h1>{words.whoIsWatching}</h1>
      {problem && !pending && (
        <p className="form-error" role="alert">
          {sentenceOf(words, problem)}
        </p>
      )}
      <ul className="who-faces" data-row="">
        {profiles.data.map((profile) => (
          <li key={profile.id}>
            <button
              type="button"
              data-tile=""
              onClick={() => (profile.has_pin ? setPending(profile) : choose.mutate({ profile }))}
            >
              <Avatar name={profile.avatar} />
              <span>
                {profile.name} {profile.has_pin && <Icon name="lock" />}
              </span>
              {profile.kids && <span className="quiet">{words.kids}</span>}
            </button>
          </li>
        ))}
      </ul>
      <div className="actions">
        {session.state === "in" && session.profile && !session.profile.kids && (
          <Link className="button button-quiet" to="/account">
            {words.manageProfiles}
          </Link>
        )}
        {partner && (
          <Link className="button button-quiet" to="/studio">
            {words.studio}
          </Link>
        )}
        <button type="button" className="button button-quiet" onClick={() => void out()}>
          {words.signOut}
        </button>
      </div>
      {pending && (
        <PinDialog
          profile={pending}
          problem={refusedPin}
          busy={choose.isPending}
          onPin={(pin) => choose.mutate({ profile: pending, pin })}
          onClose={() => {
            setPending(null);
            choose.reset();
          }}
        />
      )}
    </main>
  );
}

/** Who has just signed in to an account of one needs no question. */
function useOnlyProfile(profiles: Profile[] | undefined, choose: (choice: { profile: Profile }) => void): void {
  const session = useSession();
  const asked = useRef(false);
  const open = session.state === "in" && !session.profile;
  const only = profiles?.length === 1 ? profiles[0] : undefined;
  useEffect(() => {
    if (!open || asked.current || !only || only.has_pin) return;
    asked.current = true;
    choose({ profile: only });
  }, [open, only, choose]);
}

function useChoice() {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [pending, setPending] = useState<Profile | null>(null);
  const choose = useMutation({
    mutationFn: ({ profile, pin }: { profile: Profile; pin?: string }) =>
      answered(
        api.POST("/api/profiles/{profile_id}/choose", {
          params: { path: { profile_id: profile.id } },
          body: pin ? { pin } : {},
        }),
      ),
    onSuccess: async (signedIn) => {
      // What one profile saw is not for the next.
      queryClient.clear();
      enter(signedIn);
      await navigate(safeTarget(search.get("to")), { replace: true });
    },
    onError: (error, { profile }) => {
      if (error instanceof Problem && error.code === "pin-needed") setPending(profile);
    },
  });
  return { choose, pending, setPending };
}
