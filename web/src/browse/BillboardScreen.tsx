/** The billboard: the picture of one title, with its colour on the rows below. */

import { useState } from "react";
import { Link } from "react-router";

import type { Billboard } from "../api/types";
import { factsOf } from "../components/facts";
import { Icon } from "../components/Icon";
import { ListButton } from "../components/ListButton";
import { artworkUrl } from "../components/Picture";
import { PlayLink } from "../components/PlayLink";
import { useWords } from "../words";

export function BillboardScreen({ billboard }: { billboard: Billboard }) {
  const words = useWords();
  const { tile, synopsis } = billboard;
  const { card } = tile;
  const [inList, setInList] = useState(billboard.in_list);
  const playLink = card.playable && !!tile.content_id;
  const picture = card.artwork.billboard || card.artwork.landscape;
  return (
    <section className="billboard" aria-labelledby="billboard-name" style={{ "--tint": card.artwork.tint } as React.CSSProperties}>
      <div className="billboard-screen">
        {picture && <img src={artworkUrl(picture)} alt="" fetchPriority="high" />}
      </div>
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
