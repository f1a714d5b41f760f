/** Accounts with their role and plan; suspending one, changing its role, ending its sessions. */

import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import { answered, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient } from "../api/queries";
import { useSession } from "../api/session";
import type { Account, Role } from "../api/types";
import { useModal } from "../components/modal";
import { sentenceOf, useLanguage, useWords } from "../words";
import { MoreButton, Panel } from "./Panel";
import { accountsQuery, plansOfQuery } from "./queries";
import { useOperatorWords } from "./words";

const ROLES: Role[] = ["viewer", "partner", "operator"];
const AFTER_TYPING_MS = 250;

export function Accounts() {
  const words = useOperatorWords();
  const [search, setSearch] = useSearchParams();
  const [typed, setTyped] = useState(search.get("text") ?? "");
  const text = useSettled(typed);
  const role = ROLES.find((one) => one === search.get("role")) ?? "";
  const suspended = search.get("suspended") === "1";
  const asked = useInfiniteQuery(accountsQuery(text.trim(), role, suspended));
  const accounts = asked.data?.pages.flatMap((page) => page.accounts) ?? [];
  const plans = useQuery(plansOfQuery(accounts.slice(-100).map((account) => account.id)));
  const planOf = new Map(plans.data?.map((one) => [one.account_id, one]));
  const [chosen, setChosen] = useState<Account | null>(null);
  const set = (name: string, value: string) =>
    setSearch((before) => {
      const after = new URLSearchParams(before);
      if (value) after.set(name, value);
      else after.delete(name);
      return after;
    }, { replace: true });
  return (
    <>
      <h1>{words.accounts}</h1>
      <form className="operator-find" role="search" onSubmit={(event) => event.preventDefault()}>
        <label className="field">
          <span>{words.findAccount}</span>
          <input type="search" value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} />
        </label>
        <label className="field">
          <span>{words.role}</span>
          <select value={role} onChange={(event) => set("role", event.target.value)}>
            <option value="">{words.anyRole}</option>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {words.roles[one]}
              </option>
            ))}
          </select>
        </label>
        <label className="check">
          <input type="checkbox" checked={suspended} onChange={(event) => set("suspended", event.target.checked ? "1" : "")} />
          <span>{words.onlySuspended}</span>
        </label>
      </form>
      <Panel id="found" title={words.accountsFound} asked={asked} wide>
        {accounts.length === 0 && (
          <p className="quiet" role="status">
            {words.noAccounts}
          </p>
        )}
        <ul className="operator-rows" aria-busy={asked.isPlaceholderData}>
          {accounts.map((account) => (
            <AccountRow key={account.id} account={account} plan={planOf.get(account.id)?.plan?.name} onOpen={() => setChosen(account)} />
          ))}
        </ul>
        <MoreButton more={asked} onMore={() => void asked.fetchNextPage()} />
      </Panel>
      {chosen && <AccountDialog account={accounts.find((one) => one.id === chosen.id) ?? chosen} onClose={() => setChosen(null)} />}
    </>
  );
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), AFTER_TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function AccountRow({ account, plan, onOpen }: { account: Account; plan: string | undefined; onOpen: () => void }) {
  const words = useOperatorWords();
  const language = useLanguage();
  const since = new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(account.created_at_ms);
  return (
    <li>
      <span className="grow">
        <span className="operator-name">{account.email}</span>
        <span className="quiet">{[account.name, account.country, words.openedOn(since)].join(" · ")}</span>
      </span>
      <span className="operator-actions">
        {account.suspended_at_ms !== null && (
          <span className="operator-state" data-bad="">
            {words.suspended}
          </span>
        )}
        <span className="operator-state">{words.roles[account.role]}</span>
        {plan && <span className="operator-state">{plan}</span>}
        <button type="button" className="button button-quiet button-small" aria-label={words.manageOf(account.email)} onClick={onOpen}>
          {words.manage}
        </button>
      </span>
    </li>
  );
}

function AccountDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const words = useOperatorWords();
  const common = useWords();
  const session = useSession();
  const node = useModal();
  const [role, setRole] = useState(account.role);
  const [done, setDone] = useState("");
  const own = session.state === "in" && session.account.id === account.id;
  const params = { path: { account_id: account.id } };
  const change = useMutation({
    mutationFn: (what: { body: { role?: Role; suspended?: boolean } | null; said: string }) =>
      what.body
        ? answered(api.PATCH("/api/console/accounts/{account_id}", { params, body: what.body }))
        : answered(api.POST("/api/console/accounts/{account_id}/sign-out", { params })),
    onSuccess: (_answer, what) => setDone(what.said),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["operator", "accounts"] }),
  });
  const make = (what: Parameters<typeof change.mutate>[0]) => change.isPending || change.mutate(what);
  const code = useMutation({
    mutationFn: () => answered(api.POST("/api/console/accounts/{account_id}/reset-code", { params })),
  });
  const isSuspended = account.suspended_at_ms !== null;
  return (
    <dialog ref={node} onClose={onClose} aria-labelledby="account-name" className="operator-dialog">
      <h2 id="account-name">{account.email}</h2>
      <p className="quiet">
        {account.name} · <code>{account.id}</code>
      </p>
      {(change.error ?? code.error) && (
        <p className="form-error" role="alert">
          {sentenceOf(common, asProblem(change.error ?? code.error))}
        </p>
      )}
      <p role="status" className="operator-done">
        {done}
      </p>
      {own && <p className="quiet">{words.ownAccount}</p>}
      {/* Nothing is disabled while it is done: that would take the focus away. */}
      <fieldset aria-busy={change.isPending}>
        <div className="operator-choice-row">
          <label className="field">
            <span>{words.role}</span>
            <select value={role} disabled={own} onChange={(event) => setRole(event.target.value as Role)}>
              {ROLES.map((one) => (
                <option key={one} value={one}>
                  {words.roles[one]}
                </option>
              ))}
            </select>
          </label>
          <button type="button" className="button button-quiet" aria-disabled={own || role === account.role} onClick={() => own || role === account.role || make({ body: { role }, said: words.roleChanged(words.roles[role]) })}>
            {words.changeRole}
          </button>
        </div>
        <div className="operator-choice-row">
          <button type="button" className="button button-quiet" onClick={() => code.mutate()}>
            {words.makeCode}
          </button>
          {code.data && (
            <p role="status">
              <code className="operator-code">{code.data.code}</code> <span className="quiet">{words.codeHint}</span>
            </p>
          )}
        </div>
        <p className="quiet">{words.signedOutByIt}</p>
        <div className="operator-choice-row">
          <button type="button" className="button button-quiet" onClick={() => make({ body: null, said: words.sessionsEnded })}>
            {words.endSessions}
          </button>
          <button
            type="button"
            className={isSuspended ? "button" : "button button-danger"}
            disabled={own}
            onClick={() => make({ body: { suspended: !isSuspended }, said: isSuspended ? words.restored : words.nowSuspended })}
          >
            {isSuspended ? words.restore : words.suspend}
          </button>
        </div>
      </fieldset>
      <form method="dialog">
        <button type="submit" className="button button-quiet">
          {common.close}
        </button>
      </form>
    </dialog>
  );
}
