/** The billboard: the picture of one title, with its colour on the rows below. */

import { useState } from "react";
import { Link } from "react-router";

import type { Billboard } from "../api/types";
import { Backdrop } from "../components/Backdrop";
import { factsOf } from "../components/facts";
import { Icon } from "../components/Icon";
import { ListButton } from "../components/ListButton";
import { PlayLink } from "../components/PlayLink";
import { useWords } from "../words";

export function BillboardScreen({ billboard }: { billboard: Billboard }) {
  const words = useWords();
  const { tile, synopsis } = billboard;
  const { card } = tile;
  const [inList, setInList] = useState(billboard.in_list);
  const playLink = card.playable && !!tile.content_id;
  return (
    <section className="billboard on-dark" aria-labelledby="billboard-name" style={{ "--tint": card.artwork.tint } as React.CSSProperties}>
      <Backdrop artwork={card.artwork} />
      <div className="billboard-beam" aria-hidden="true" />
      <div className="billboard-words">
        <p className="billboard-eyebrow">{words.tonight}</p>
        <h2 id="billboard-name">{card.name}</h2>
        <p className="facts">
          {factsOf(words, card).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
        <p className="billboard-synopsis">{synopsis || card.tagline}</p>
        <div className="actions" data-row="">
          {playLink && <PlayLink tile={tile} />}
          {!card.playable && <span className="coming">{words.comingSoon}</span>}
          <Link className={card.playable && !playLink ? "button" : "button button-quiet"} to={`/title/${card.id}`} data-tile="">
            <Icon name="info" />
            {words.details}
          </Link>
          <ListButton titleId={card.id} inList={inList} onChange={setInList} tile />
        </div>
      </div>
    </section>
  );
}
