/**
 * Which of two words goes with a number, by the rules of the language: English says "0 streams",
 * French "0 lecture". Every text that names what is counted takes its words from here.
 */

type Plural = (count: number, one: string, other: string) => string;

const pluralOf = (language: string): Plural => {
  const rules = new Intl.PluralRules(language);
  return (count, one, other) => (rules.select(count) === "one" ? one : other);
};

export const pluralEn = pluralOf("en");
export const pluralFr = pluralOf("fr");
