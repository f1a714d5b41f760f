/**
 * One row. A poster that is pointed at (or reached with the arrow keys) opens to the
 * shape of a screen; only one is open at a time, so that the row's length never changes while one
 * moves along it.
 */

import { useCallback, useEffect, useRef, useState } from "react";

import { asProblem } from "../api/problem";
import { askAgainMs, rowQuery } from "../api/queries";
import type { HomeRow, Tile } from "../api/types";
import { Icon } from "../components/Icon";
import { Sentinel } from "../components/Sentinel";
import { useWords } from "../words";
import { RowTile } from "./RowTile";

const WIDE = new Set(["continue"]);
const OPEN_AFTER_MS = 480;

export function TileRow({ row, eager = false }: { row: HomeRow; eager?: boolean }) {
  const words = useWords();
  const { tiles, token, fetchMore, remove, fetching } = useTiles(row);
  const track = useRef<HTMLUListElement>(null);
  const [active, setActive] = useState(0);
  const curtain = useCurtain();
  const wide = WIDE.has(row.kind);
  const page = (direction: 1 | -1) => {
    const node = track.current;
    node?.scrollBy({ left: direction * node.clientWidth * 0.85, behavior: "smooth" });
  };
  if (tiles.length === 0) return null;
  return (
    <section className="row" data-shape={wide ? "wide" : "tall"} data-kind={row.kind} aria-label={row.heading}>
      <header className="row-head">
        <h2>{row.heading}</h2>
        {row.reason && <p className="quiet">{row.reason}</p>}
      </header>
      <div className="row-window" onPointerLeave={curtain.close}>
        <ul className="row-track" ref={track} data-row="">
          {tiles.map((tile, at) => (
            <RowTile
              key={tile.content_id ?? tile.card.id}
              tile={tile}
              wide={wide}
              eager={eager && at < 3}
              reachable={at === Math.min(active, tiles.length - 1)}
              open={!wide && curtain.open === at}
              onPoint={() => curtain.point(at)}
              onFocus={() => {
                setActive(at);
                curtain.point(at);
              }}
              onBlur={curtain.close}
              onForget={row.kind === "continue" ? () => remove(tile) : undefined}
            />
          ))}
          {token && (
            <li className="row-more">
              <Sentinel key={tiles.length} paused={fetching} onSeen={fetchMore} />
            </li>
          )}
        </ul>
        <button type="button" className="row-page row-page-back" tabIndex={-1} aria-label={words.earlier} onClick={() => page(-1)}>
          <Icon name="left" />
        </button>
        <button type="button" className="row-page row-page-on" tabIndex={-1} aria-label={words.later} onClick={() => page(1)}>
          <Icon name="right" />
        </button>
      </div>
    </section>
  );
}

function useTiles(row: HomeRow) {
  const [more, setMore] = useState<Tile[]>([]);
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [token, setToken] = useState(row.next_page_token);
  const [fetching, setFetching] = useState(false);
  const failures = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const fetchMore = useCallback(() => {
    if (!token) return;
    setFetching(true);
    rowQuery(token)
      .then((page) => {
        failures.current = 0;
        setMore((before) => [...before, ...page.tiles]);
        setToken(page.next_page_token);
      })
      .then(
        () => setFetching(false),
        (error: unknown) => {
          // What the service refuses is over; what could not be reached is asked for later.
          if (!asProblem(error).passing) return setToken(null);
          failures.current += 1;
          timer.current = setTimeout(() => setFetching(false), askAgainMs(failures.current));
        },
      );
  }, [token]);
  const remove = (tile: Tile) => setGone(new Set([...gone, tile.card.id]));
  const seen = new Set<string>();
  const tiles = [...row.tiles, ...more].filter((tile) => {
    const key = tile.content_id ?? tile.card.id;
    const fresh = !seen.has(key) && !gone.has(tile.card.id);
    seen.add(key);
    return fresh;
  });
  return { tiles, token, fetchMore, remove, fetching };
}

function useCurtain() {
  const [open, setOpen] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const after = (next: number | null, wait: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(next), wait);
  };
  return { open, point: (at: number) => after(at, OPEN_AFTER_MS), close: () => after(null, 120) };
}

export function RowSkeleton() {
  return (
    <div className="row row-waiting" aria-hidden="true" data-shape="tall">
      <div className="row-head">
        <span className="bone bone-heading" />
      </div>
      <div className="row-track">
        {Array.from({ length: 10 }, (_, at) => (
          <span key={at} className="bone bone-tile" />
        ))}
      </div>
    </div>
  );
}
