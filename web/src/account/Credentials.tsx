/** The email and the password of the account, each changed with the present password. */

import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type FormEvent, type ReactNode } from "react";

import { answered, api } from "../api/client";
import { queryClient } from "../api/queries";
import { accountChanged, useSession } from "../api/session";
import { Failure } from "../components/Failure";
import { useWords } from "../words";
import { Field, NewPassword } from "./Entry";

export function Credentials() {
  const words = useWords();
  const session = useSession();
  const [open, setOpen] = useState<"email" | "password" | null>(null);
  const [done, setDone] = useState("");
  const buttons = useRef<Partial<Record<"email" | "password", HTMLButtonElement | null>>>({});
  if (session.state !== "in") return null;
  const finished = (said: string) => {
    if (open) buttons.current[open]?.focus(); // the form that had the focus goes
    setOpen(null);
    setDone(said);
    void queryClient.invalidateQueries({ queryKey: ["devices"] });
  };
  const shown = (name: "email" | "password") => {
    setDone("");
    setOpen(open === name ? null : name);
  };
  return (
    <section aria-labelledby="credentials">
      <h2 id="credentials">{words.signingIn}</h2>
      <p role="status" className="account-done">
        {done}
      </p>
      <ul className="entries">
        <li>
          <div className="grow">
            <p>{words.email}</p>
            <p className="quiet">{session.account.email}</p>
          </div>
          <button type="button" className="button button-quiet button-small" ref={(node) => void (buttons.current.email = node)} aria-expanded={open === "email"} onClick={() => shown("email")}>
            {words.changeEmail}
          </button>
        </li>
        {open === "email" && <EmailForm onDone={() => finished(words.emailChanged)} />}
        <li>
          <div className="grow">
            <p>{words.password}</p>
            <p className="quiet">{words.othersSignedOut}</p>
          </div>
          <button type="button" className="button button-quiet button-small" ref={(node) => void (buttons.current.password = node)} aria-expanded={open === "password"} onClick={() => shown("password")}>
            {words.changePassword}
          </button>
        </li>
        {open === "password" && <PasswordForm onDone={() => finished(words.passwordChanged)} />}
      </ul>
    </section>
  );
}

function EmailForm({ onDone }: { onDone: () => void }) {
  const words = useWords();
  const change = useMutation({
    mutationFn: (body: { email: string; password: string }) => answered(api.PUT("/api/account/email", { body })),
    onSuccess: (account) => {
      accountChanged(account);
      onDone();
    },
  });
  return (
    <ChangeForm busy={change.isPending} error={change.error} onSubmit={(said) => change.mutate({ email: said.email ?? "", password: said.password ?? "" })}>
      <Field name="email" label={words.newEmail} type="email" autoComplete="email" />
      <Field name="password" label={words.presentPassword} type="password" autoComplete="current-password" />
    </ChangeForm>
  );
}

function PasswordForm({ onDone }: { onDone: () => void }) {
  const words = useWords();
  const change = useMutation({
    mutationFn: (body: { password: string; new_password: string }) => answered(api.PUT("/api/account/password", { body })),
    onSuccess: onDone,
  });
  return (
    <ChangeForm busy={change.isPending} error={change.error} onSubmit={(said) => change.mutate({ password: said.password ?? "", new_password: said.new_password ?? "" })}>
      <Field name="password" label={words.presentPassword} type="password" autoComplete="current-password" />
      <NewPassword name="new_password" label={words.newPassword} />
    </ChangeForm>
  );
}

function ChangeForm(props: { busy: boolean; error: unknown; onSubmit: (said: Record<string, string>) => void; children: ReactNode }) {
  const words = useWords();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    props.onSubmit(Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>);
  };
  return (
    <li>
      <form className="form account-form" onSubmit={submit}>
        <Failure error={props.error} />
        {props.children}
        <button type="submit" className="button" disabled={props.busy}>
          {props.busy ? words.working : words.save}
        </button>
      </form>
    </li>
  );
}
