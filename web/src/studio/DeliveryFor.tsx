/** What a master is for: a new film, a title or an episode that is there; and when it is published. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import type { Title } from "../api/types";
import { useSettled } from "../components/searchText";
import { ContentChoice, contentsOf } from "./ContentChoice";
import { PublishWhen } from "./PublishWhen";
import { useLiveVersion, useTitle, useTitles } from "./live";
import { describe, titleNamed, type Delivery, type Priority, type Target } from "./uploads";
import { useStudioWords } from "./words";

const OFFERED = 10; // titles

export function DeliveryFor({ delivery }: { delivery: Delivery }) {
  const { key, target } = delivery;
  return (
    <>
      {delivery.fixed ? <Fixed delivery={delivery} /> : <Chosen delivery={delivery} />}
      <PublishWhen value={delivery.publish} onChange={(publish) => describe(key, { publish })} />
      {target && <Replacing delivery={delivery} target={target} />}
    </>
  );
}

function Fixed({ delivery }: { delivery: Delivery }) {
  const words = useStudioWords();
  const title = useTitle(delivery.target?.titleId ?? "").data;
  const content = title && contentsOf(title).find((one) => one.id === delivery.target?.contentId);
  if (!title || !content) return null;
  return <p>{words.forContent(delivery.title, title.kind === "series" ? content.name : "")}</p>;
}

function Chosen({ delivery }: { delivery: Delivery }) {
  const words = useStudioWords();
  const { key, title, target } = delivery;
  const offered = `titles-for-${key}`;
  const settled = useSettled(title.trim());
  const found = useQuery({
    queryKey: ["studio", "titles", "named", settled],
    queryFn: () => titleNamed(settled),
    enabled: settled !== "",
  });
  const there = found.data ?? null;
  const contents = there ? contentsOf(there) : [];
  const chosen = contents.find((one) => one.id === target?.contentId) ?? contents[0];
  const titleId = there?.id;
  const contentId = chosen?.id;
  useEffect(() => {
    if (found.isSuccess) describe(key, { target: titleId && contentId ? { titleId, contentId } : null });
  }, [key, titleId, contentId, found.isSuccess]);
  return (
    <>
      <div className="studio-describe">
        <label>
          <span>{words.titleOf}</span>
          <input
            list={offered}
            value={title}
            required
            maxLength={200}
            onChange={(event) => describe(key, { title: event.target.value, replaces: false })}
          />
        </label>
        <KnownTitles id={offered} typed={title} />
        <label>
          <span>{words.priority}</span>
          <select
            value={delivery.priority}
            onChange={(event) => describe(key, { priority: event.target.value as Priority })}
          >
            {Object.entries(words.priorities).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      {found.isSuccess && settled === title.trim() && <Destination title={there} name={settled} />}
      {there && (
        <ContentChoice
          title={there}
          chosen={contentId ?? ""}
          onChoose={(id) => describe(key, { target: { titleId: there.id, contentId: id }, replaces: false })}
        />
      )}
    </>
  );
}

function Destination({ title, name }: { title: Title | null; name: string }) {
  const words = useStudioWords();
  if (!title) return <p className="quiet">{words.forNewFilm(name)}</p>;
  if (contentsOf(title).length === 0) return <p className="studio-problem">{words.noEpisodes}</p>;
  return <p className="quiet">{title.kind === "series" ? words.forSeries(name) : words.forTitle(name)}</p>;
}

/** What is live is replaced only by who says so. */
function Replacing({ delivery, target }: { delivery: Delivery; target: Target }) {
  const words = useStudioWords();
  const live = useLiveVersion(target.titleId, target.contentId);
  if (!live.data) return null;
  return (
    <label className="check studio-replaces">
      <input
        type="checkbox"
        checked={delivery.replaces}
        onChange={(event) => describe(delivery.key, { replaces: event.target.checked })}
      />
      {words.replaceLive}
    </label>
  );
}

/** Offers the partner's titles whose name has in it what was typed. */
function KnownTitles({ id, typed }: { id: string; typed: string }) {
  const titles = useTitles(useSettled(typed), null, OFFERED);
  const names = titles.data?.pages[0]?.titles.map((title) => title.wordings[0]?.name ?? "") ?? [];
  return (
    <datalist id={id}>
      {[...new Set(names)].map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </datalist>
  );
}
