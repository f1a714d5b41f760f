/** What signing in and signing up have in common: one form on a dark page. */

import { useMutation } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import "./account.css";

import { anonymous, answered, api } from "../api/client";
import { asProblem } from "../api/problem";
import { enter, thisDevice, useSession } from "../api/session";
import { Mark } from "../components/Mark";
import { sentenceOf, useWords } from "../words";

/** The form's own; `name` where one signs up. */
interface Fields {
  email: string;
  password: string;
  name: string;
}

interface Props {
  path: "/api/sign-in" | "/api/sign-up";
  title: string;
  lead: string;
  children: ReactNode;
  other: { to: string; question: string; name: string };
  /** What is seldom needed, below the button, so that an arrow leads from the last field to the button. */
  after?: ReactNode;
}

export function Entry({ path, title, lead, children, other, after }: Props) {
  const words = useWords();
  const [search] = useSearchParams();
  const session = useSession();
  const send = useMutation({
    mutationFn: (fields: Fields) =>
      answered(api.POST(path, { body: { ...fields, device: thisDevice() }, ...anonymous })),
    onSuccess: enter,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    send.mutate({ email: "", password: "", name: "", ...fields });
  };
  const problem = send.isError ? asProblem(send.error) : null;
  return (
    <main className="entry">
      <title>{`${title} · ${words.brand}`}</title>
      <div className="entry-beam" aria-hidden="true" />
      <Mark large />
      <form className="entry-sheet form" onSubmit={submit}>
        <div>
          <h1>{lead}</h1>
          <p className="quiet">{title}</p>
        </div>
        {session.state === "out" && session.ended && !problem && (
          <p className="form-error" role="status">
            {words.sessionEnded}
          </p>
        )}
        {problem && (
          <p className="form-error" role="alert">
            {sentenceOf(words, problem)}
          </p>
        )}
        {children}
        <button type="submit" className="button" disabled={send.isPending}>
          {send.isPending ? words.working : title}
        </button>
        {after}
        <p className="quiet">
          {other.question}{" "}
          <Link className="link" to={`${other.to}${search.size ? `?${search}` : ""}`}>
            {other.name}
          </Link>
        </p>
      </form>
    </main>
  );
}

/** As the service has it: `SHORTEST_PASSWORD` of `identity/drafts.py`. */
const SHORTEST_PASSWORD = 8;

/** A password that one chooses, with what is asked of it. */
export function NewPassword({ name, label }: { name: string; label: string }) {
  const words = useWords();
  return <Field name={name} label={label} type="password" autoComplete="new-password" minLength={SHORTEST_PASSWORD} hint={words.passwordHint(SHORTEST_PASSWORD)} />;
}

interface FieldProps {
  name: string;
  label: string;
  type?: string;
  autoComplete?: string;
  hint?: string;
  minLength?: number;
  initial?: string;
  /** Takes the focus when it appears: the form has gone a step further. */
  focused?: boolean;
}

export function Field({ label, hint, initial, focused, ...input }: FieldProps) {
  const described = hint ? { "aria-describedby": `${input.name}-hint` } : {};
  return (
    <label className="field">
      <span>{label}</span>
      <input required defaultValue={initial} autoFocus={focused} {...input} {...described} />
      {hint && (
        <span className="quiet" id={`${input.name}-hint`}>
          {hint}
        </span>
      )}
    </label>
  );
}
