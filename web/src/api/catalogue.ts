/** The catalogue that a partner acts in: its own, or one that was opened to it. Kept for the tab. */

const KEPT = "vita.catalogue";

export function chosenCatalogue(): string | null {
  return sessionStorage.getItem(KEPT);
}

export function chooseCatalogue(id: string | null): void {
  if (id) sessionStorage.setItem(KEPT, id);
  else sessionStorage.removeItem(KEPT);
}

/** What names the catalogue in requests of the studio; nothing for the partner's own. */
export function catalogueHeaders(path: string): Record<string, string> {
  const id = chosenCatalogue();
  return id && /^\/api\/(studio\/|uploads)/.test(path) ? { "X-Catalogue": id } : {};
}
