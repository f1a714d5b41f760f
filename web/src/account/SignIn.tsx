import { Link } from "react-router";

import { useWords } from "../words";
import { Entry, Field } from "./Entry";

export default function SignIn() {
  const words = useWords();
  return (
    <Entry
      path="/api/sign-in"
      title={words.signIn}
      lead={words.signInLead}
      other={{ to: "/sign-up", question: words.newHere, name: words.signUp }}
      after={
        <Link className="link" to="/reset">
          {words.forgotPassword}
        </Link>
      }
    >
      <Field name="email" label={words.email} type="email" autoComplete="username" />
      <Field name="password" label={words.password} type="password" autoComplete="current-password" />
    </Entry>
  );
}
