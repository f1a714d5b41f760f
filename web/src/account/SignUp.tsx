import { useLanguage, useWords } from "../words";
import { Entry, Field, NewPassword } from "./Entry";

export default function SignUp() {
  const words = useWords();
  const language = useLanguage();
  return (
    <Entry
      path="/api/sign-up"
      title={words.signUp}
      lead={words.signUpLead}
      other={{ to: "/sign-in", question: words.haveAccount, name: words.signIn }}
    >
      <Field name="name" label={words.yourName} autoComplete="name" />
      <Field name="email" label={words.email} type="email" autoComplete="username" />
      <NewPassword name="password" label={words.password} />
      <input type="hidden" name="locale" value={language} />
    </Entry>
  );
}
