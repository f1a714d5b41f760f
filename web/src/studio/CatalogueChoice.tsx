/** Whose titles one works on, for those who may work in the catalogues of others too. */

import { useQuery } from "@tanstack/react-query";

import { chooseCatalogue, chosenCatalogue } from "../api/catalogue";
import { answered, api } from "../api/client";
import { useStudioWords } from "./words";

export function CatalogueChoice() {
  const words = useStudioWords();
  const asked = useQuery({
    queryKey: ["studio", "catalogues"],
    queryFn: () => answered(api.GET("/api/studio/catalogues")),
    staleTime: 60_000,
  });
  const catalogues = asked.data ?? [];
  const own = catalogues[0]?.id;
  if (catalogues.length < 2) return null;
  return (
    <select
      className="studio-catalogue"
      aria-label={words.catalogue}
      value={chosenCatalogue() ?? own}
      onChange={(event) => {
        chooseCatalogue(event.target.value === own ? null : event.target.value);
        window.location.assign("/studio"); // nothing of the other one stays on the page
      }}
    >
      {catalogues.map((one) => (
        <option key={one.id} value={one.id}>
          {words.catalogueOf(one.name)}
        </option>
      ))}
    </select>
  );
}
