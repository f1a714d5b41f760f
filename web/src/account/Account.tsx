/** The account: its profiles, devices, plan, and the way out. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import "./account.css";

import { answered, api } from "../api/client";
import { devicesQuery, plansQuery, profilesQuery, queryClient, subscriptionQuery } from "../api/queries";
import { leave, useSession } from "../api/session";
import type { Device, Profile } from "../api/types";
import { Avatar } from "../components/Avatar";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { Failure } from "../components/Failure";
import { Icon } from "../components/Icon";
import { agoOf, languageName, useLanguage, useWords } from "../words";
import { Credentials } from "./Credentials";
import { OtherDevice } from "./OtherDevice";
import { Plans } from "./Plans";
import { ProfileDialog } from "./ProfileDialog";

const MOST_PROFILES = 5;

export default function Account() {
  const words = useWords();
  const session = useSession();
  // Shown at once when all of it is there: nothing moves under the pointer.
  const asked = [useQuery(profilesQuery), useQuery(plansQuery), useQuery(subscriptionQuery), useQuery(devicesQuery)];
  const ready = asked.every((one) => !one.isPending);
  return (
    <div className="page">
      <title>{`${words.account} · ${words.brand}`}</title>
      <div className="page-head">
        <div>
          <h1>{words.account}</h1>
          {session.state === "in" && (
            <p className="lead">
              {session.account.name} · {session.account.email}
            </p>
          )}
        </div>
      </div>
      {ready ? (
        <div className="account">
          <Profiles />
          <Credentials />
          <Plans />
          <Devices />
          <ClearHistory />
          <SignOutEverywhere />
        </div>
      ) : (
        <p className="quiet account-waiting" role="status">
          {words.loading}…
        </p>
      )}
    </div>
  );
}

function Profiles() {
  const words = useWords();
  const language = useLanguage();
  const profiles = useQuery(profilesQuery);
  const [edited, setEdited] = useState<Profile | "new" | null>(null);
  return (
    <section aria-labelledby="profiles">
      <h2 id="profiles">{words.profiles}</h2>
      <Failure error={profiles.error} />
      <ul className="entries">
        {profiles.data?.map((profile) => (
          <li key={profile.id}>
            <Avatar name={profile.avatar} />
            <div className="grow">
              <p>
                {profile.name} {profile.has_pin && <Icon name="lock" />}
              </p>
              <p className="quiet">
                {[profile.kids ? words.kids : "", words.upToAge(profile.maturity), languageName(profile.locale, language)].filter(Boolean).join(" · ")}
              </p>
            </div>
            <button type="button" className="round" aria-label={words.editProfile(profile.name)} onClick={() => setEdited(profile)}>
              <Icon name="pencil" />
            </button>
          </li>
        ))}
      </ul>
      {profiles.data && profiles.data.length < MOST_PROFILES && (
        <button type="button" className="button button-quiet" style={{ marginTop: "1rem" }} onClick={() => setEdited("new")}>
          <Icon name="plus" />
          {words.addProfile}
        </button>
      )}
      {edited && (
        <ProfileDialog
          key={edited === "new" ? "new" : edited.id}
          profile={edited === "new" ? null : edited}
          household={profiles.data ?? []}
          onClose={() => setEdited(null)}
        />
      )}
    </section>
  );
}

function Devices() {
  const words = useWords();
  const language = useLanguage();
  const session = useSession();
  const devices = useQuery(devicesQuery);
  const revoke = useMutation({
    mutationFn: (device: Device) => 
      answered(api.DELETE("/api/devices/{device_id}", { params: { path: { device_id: device.id } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["devices"] }),
  });
  const mine = session.state === "in" ? session.device.id : "";
  return (
    <section aria-labelledby="devices">
      <h2 id="devices">{words.devices}</h2>
      <Failure error={devices.error ?? revoke.error} />
      <ul className="entries">
        {devices.data?.map((device) => (
          <li key={device.id}>
            <div className="grow">
              <p>{device.name}</p>
              <p className="quiet">
                {device.id === mine ? words.thisDevice : words.lastSeen(agoOf(device.last_seen_at_ms, language))}
              </p>
            </div>
            {device.id !== mine && (
              <button
                type="button"
                className="button button-quiet button-small"
                aria-label={words.revokeDevice(device.name)}
                disabled={revoke.isPending}
                onClick={() => revoke.mutate(device)}
              >
                {words.revoke}
              </button>
            )}
          </li>
        ))}
      </ul>
      {devices.data && <OtherDevice there={devices.data} />}
    </section>
  );
}

function ClearHistory() {
  const words = useWords();
  const session = useSession();
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState(false);
  const clear = useMutation({
    mutationFn: () => answered(api.POST("/api/history/clear")),
    onSuccess: async () => {
      setAsking(false);
      setDone(true);
      await Promise.all(["history", "home", "title"].map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
    },
  });
  const profile = session.state === "in" ? session.profile?.name : null;
  if (!profile) return null;
  return (
    <section aria-labelledby="watched">
      <h2 id="watched">{words.history}</h2>
      <p className="lead account-line">{words.clearHistoryLong(profile)}</p>
      <p role="status" className="account-done">
        {done ? words.historyCleared : ""}
      </p>
      <button type="button" className="button button-quiet" onClick={() => setAsking(true)}>
        {words.clearHistory}
      </button>
      {asking && (
        <ConfirmDialog title={words.clearHistory} confirm={words.clearHistory} danger busy={clear.isPending} error={clear.error} onConfirm={() => clear.mutate()} onClose={() => setAsking(false)}>
          <p>{words.clearHistorySure(profile)}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function SignOutEverywhere() {
  const words = useWords();
  const navigate = useNavigate();
  const out = useMutation({
    mutationFn: () => answered(api.POST("/api/sign-out-everywhere")),
    onSuccess: async () => {
      queryClient.clear();
      leave();
      await navigate("/sign-in");
    },
  });
  return (
    <section aria-labelledby="safety">
      <h2 id="safety">{words.safety}</h2>
      <p className="lead" style={{ marginBottom: "1rem" }}>
        {words.signOutEverywhereLong}
      </p>
      <Failure error={out.error} />
      <button type="button" className="button button-danger" disabled={out.isPending} onClick={() => out.mutate()}>
        {words.signOutEverywhere}
      </button>
    </section>
  );
}
