/** A forgotten password: ask for a code, then set a new password by it. */

import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";
import "./account.css";

import { anonymous, answered, api } from "../api/client";
import { asProblem } from "../api/problem";
import { Mark } from "../components/Mark";
import { sentenceOf, useWords } from "../words";
import { Field, NewPassword } from "./Entry";

export default function Reset() {
  const words = useWords();
  const [email, setEmail] = useState("");
  const ask = useMutation({
    mutationFn: (address: string) => answered(api.POST("/api/password-reset", { body: { email: address }, ...anonymous })),
  });
  const set = useMutation({
    mutationFn: (body: { email: string; code: string; new_password: string }) =>
      answered(api.POST("/api/password-reset/confirm", { body, ...anonymous })),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    if (!ask.isSuccess) {
      setEmail(said.email ?? "");
      ask.mutate(said.email ?? "");
    } else {
      set.mutate({ email, code: said.code ?? "", new_password: said.new_password ?? "" });
    }
  };
  const begin = () => {
    ask.reset();
    set.reset();
  };
  const failed = ask.error ?? set.error;
  const busy = ask.isPending || set.isPending;
  return (
    <main className="entry">
      <title>{`${words.forgotPassword} · ${words.brand}`}</title>
      <div className="entry-beam" aria-hidden="true" />
      <Mark large />
      <form className="entry-sheet form" onSubmit={submit}>
        <h1>{words.newPassword}</h1>
        {failed && (
          <p className="form-error" role="alert">
            {sentenceOf(words, asProblem(failed))}
          </p>
        )}
        {set.isSuccess ? (
          <p role="status">{words.passwordSet}</p>
        ) : ask.isSuccess ? (
          <>
            <p role="status">{ask.data.by === "mail" ? words.codeMailed(email) : words.codeFromOperator}</p>
            <Field name="code" label={words.code} autoComplete="one-time-code" focused />
            <NewPassword name="new_password" label={words.newPassword} />
          </>
        ) : (
          <Field name="email" label={words.email} type="email" autoComplete="username" initial={email} focused />
        )}
        {!set.isSuccess && (
          <button type="submit" className="button" disabled={busy}>
            {busy ? words.working : ask.isSuccess ? words.setPassword : words.askForCode}
          </button>
        )}
        {ask.isSuccess && !set.isSuccess && (
          <button type="button" className="link" onClick={begin}>
            {words.otherCode}
          </button>
        )}
        <Link className="link" to="/sign-in">
          {words.signIn}
        </Link>
      </form>
    </main>
  );
}
