/** Where a device signs in by the code that another one shows. */

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import "./account.css";

import { anonymous, answered, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient } from "../api/queries";
import { enter, thisDevice } from "../api/session";
import { Mark } from "../components/Mark";
import { HOMES, useDocumentLanguage } from "../gate";
import { sentenceOf, useWords } from "../words";
import { Field } from "./Entry";

export default function Enter() {
  const words = useWords();
  const navigate = useNavigate();
  const { hash } = useLocation();
  const [code] = useState(hash.slice(1));
  useDocumentLanguage();
  // The code stays neither in the address bar nor in the history.
  useEffect(() => {
    if (hash) void navigate({ hash: "" }, { replace: true });
  }, [hash, navigate]);
  const send = useMutation({
    mutationFn: (said: string) => answered(api.POST("/api/sign-in-by-code", { body: { code: said, device: thisDevice() }, ...anonymous })),
    onSuccess: async (signedIn) => {
      queryClient.clear();
      enter(signedIn);
      await navigate(HOMES[signedIn.account.role], { replace: true });
    },
  });
  // A scanned code that was used or has expired is replaced by hand.
  const isTyped = !code || send.isError;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget).get("code");
    send.mutate(typeof typed === "string" ? typed : code);
  };
  return (
    <main className="entry">
      <title>{`${words.signIn} · ${words.brand}`}</title>
      <div className="entry-beam" aria-hidden="true" />
      <Mark large />
      <form className="entry-sheet form" onSubmit={submit}>
        <h1>{words.signIn}</h1>
        {send.isError && (
          <p className="form-error" role="alert">
            {sentenceOf(words, asProblem(send.error))}
          </p>
        )}
        <p className="quiet">{words.enterLead}</p>
        {isTyped && <Field name="code" label={words.code} autoComplete="one-time-code" focused />}
        <button type="submit" className="button" disabled={send.isPending} autoFocus={!!code}>
          {send.isPending ? words.working : words.enterHere}
        </button>
      </form>
    </main>
  );
}
