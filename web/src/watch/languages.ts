import { currentSession } from "../api/session";

/** The viewer's languages, best first: the profile's, then the browser's; "fr", not "fr-CA". */
export function wantedLanguages(): string[] {
  const session = currentSession();
  const profile = session.state === "in" ? session.profile : null;
  const languages = [profile?.locale, ...navigator.languages].filter((one): one is string => !!one);
  return [...new Set(languages.map((one) => one.split("-")[0] ?? one))];
}
