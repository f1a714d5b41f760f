/** Is all well? Health, disk, workers and queue, edges. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import type { EdgeStatus, LoadSample } from "../api/types";
import { bytesOf } from "../components/bytes";
import { agoOf, useLanguage } from "../words";
import { numberOf } from "./figures";
import { MoreButton, Panel } from "./Panel";
import { deadEventsQuery, edgesQuery, errorsQuery, overviewQuery, queueQuery } from "./queries";
import { Sparkline } from "./Sparkline";
import { useOperatorWords } from "./words";

export function Overview() {
  const words = useOperatorWords();
  return (
    <>
      <h1>{words.title}</h1>
      <Verdict />
      <div className="operator-panels">
        <Load />
        <Queue />
        <Health />
        <DiskUse />
        <Edges />
      </div>
    </>
  );
}

/** One sentence before all figures: what asks for somebody, or that nothing does. */
function Verdict() {
  const words = useOperatorWords();
  const overview = useQuery(overviewQuery);
  const queue = useQuery(queueQuery);
  const edges = useInfiniteQuery(edgesQuery);
  const dead = useQuery(deadEventsQuery);
  const errors = useQuery(errorsQuery);
  if (!overview.data || !queue.data || !edges.data || !dead.data || !errors.data) {
    return <p className="operator-verdict" aria-busy="true">&nbsp;</p>;
  }
  const all = edges.data.pages.flatMap((page) => page.edges);
  const share = overview.data.disk.free_bytes / overview.data.disk.total_bytes;
  const recently = errors.dataUpdatedAt - 3_600_000;
  const grave = errors.data.filter((one) => one.level !== "warning" && one.at_ms > recently).length;
  const toReview = queue.data.jobs["needs-review"] ?? 0;
  const noRoom = queue.data.jobs["no-room"] ?? 0;
  const waiting = queue.data.waiting > 0 || Object.values(queue.data.jobs).some((count) => (count ?? 0) > 0);
  const found: [boolean, string, string][] = [
    [overview.data.checks.some((check) => check.trouble), words.storesFail, "#health"],
    [all.length === 0, words.noEdges, "#edges"],
    [all.some((edge) => !edge.healthy), words.edgesSilent, "#edges"],
    [waiting && queue.data.workers.length === 0, words.noWorkers, "#queue"],
    [share < 0.05, words.diskFull, "#disk"],
    [dead.data.length > 0, words.eventsDead(dead.data.length), "/operator/errors"],
    [noRoom > 0, words.noRoom(noRoom), "/operator/jobs?filter=under-way"],
    [toReview > 0, words.toReview(toReview), "/operator/jobs?filter=needs-review"],
    [grave > 0, words.errorsLately(grave), "/operator/errors"],
  ];
  const bad = found.filter(([is]) => is);
  if (bad.length === 0) {
    return (
      <p className="operator-verdict" data-well="" role="status">
        {words.allWell}
      </p>
    );
  }
  return (
    <div role="status">
      <ul className="operator-verdict">
        {bad.map(([, text, to]) => (
          <li key={text}>{to.startsWith("#") ? <a href={to}>{text}</a> : <Link to={to}>{text}</Link>}</li>
        ))}
      </ul>
    </div>
  );
}

function Load() {
  const words = useOperatorWords();
  const language = useLanguage();
  const overview = useQuery(overviewQuery);
  const load = overview.data?.load ?? [];
  const now = load.at(-1);
  const plot = (value: (sample: LoadSample) => number) => load.map((sample) => ({ at_ms: sample.at_ms, value: value(sample) }));
  const most = (values: number[]) => numberOf(Math.max(0, ...values), language);
  return (
    <Panel id="load" title={words.lastHour} asked={overview} aside={<Link className="link" to="/operator/playing">{words.whoPlays}</Link>}>
      <div className="operator-plots">
        <figure>
          <figcaption>
            <strong>{numberOf(now?.streams ?? 0, language)}</strong> {words.streams(now?.streams ?? 0)}
          </figcaption>
          <Sparkline points={plot((one) => one.streams)} label={words.streamsPlot(most(load.map((one) => one.streams)))} />
        </figure>
        <figure>
          <figcaption>
            <strong>{numberOf(now?.mbps ?? 0, language)}</strong> Mbit/s
          </figcaption>
          <Sparkline points={plot((one) => one.mbps)} label={words.loadPlot(most(load.map((one) => one.mbps)))} />
        </figure>
      </div>
    </Panel>
  );
}

function Queue() {
  const words = useOperatorWords();
  const language = useLanguage();
  const queue = useQuery(queueQuery);
  const jobs = Object.values(queue.data?.jobs ?? {}).reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const more = queue.data?.more ? "+" : "";
  return (
    <Panel id="queue" title={words.workersAndQueue} asked={queue} aside={<Link className="link" to="/operator/jobs">{words.jobs}</Link>}>
      <dl className="operator-figures">
        <div>
          <dt>{words.jobsUnderWay}</dt>
          <dd>{numberOf(jobs, language)}</dd>
        </div>
        <div>
          <dt>{words.partsRunning}</dt>
          <dd>{numberOf(queue.data?.running ?? 0, language)}</dd>
        </div>
        <div>
          <dt>{words.partsWaiting}</dt>
          <dd>
            {numberOf(queue.data?.waiting ?? 0, language)}
            {more}
          </dd>
        </div>
      </dl>
      <ul className="operator-rows">
        {queue.data?.workers.map((worker) => (
          <li key={worker.name}>
            <span className="operator-name">{worker.name}</span>
            <span className="quiet">
              {worker.running.length ? counted(worker.running).map(([name, count]) => words.work(name, count)).join(", ") : words.idle}
              {" · "}
              {words.since(agoOf(worker.since_ms, language))}
            </span>
          </li>
        ))}
      </ul>
      {queue.data?.workers.length === 0 && <p className="quiet">{words.noWorkers}</p>}
    </Panel>
  );
}

function counted(names: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts];
}

function Health() {
  const words = useOperatorWords();
  const language = useLanguage();
  const overview = useQuery(overviewQuery);
  const data = overview.data;
  return (
    <Panel id="health" title={words.health} asked={overview}>
      <p className="quiet">{data && words.version(data.version, agoOf(data.started_at_ms, language))}</p>
      <ul className="operator-checks">
        {data?.checks.map((check) => (
          <li key={check.name} data-bad={check.trouble ? "" : undefined}>
            <span className="unseen">{check.trouble ? words.bad : words.good}: </span>
            {check.name}
            {check.trouble && <span className="quiet"> {check.trouble}</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function DiskUse() {
  const words = useOperatorWords();
  const language = useLanguage();
  const overview = useQuery(overviewQuery);
  const disk = overview.data?.disk;
  return (
    <Panel id="disk" title={words.disk} asked={overview}>
      {disk && (
        <>
          <p>{words.free(bytesOf(disk.free_bytes, language), bytesOf(disk.total_bytes, language))}</p>
          <meter
            className="operator-meter"
            aria-label={words.disk}
            min={0}
            max={disk.total_bytes}
            high={disk.total_bytes * 0.9}
            value={disk.total_bytes - disk.free_bytes}
          />
        </>
      )}
    </Panel>
  );
}

function Edges() {
  const words = useOperatorWords();
  const edges = useInfiniteQuery(edgesQuery);
  const all = edges.data?.pages.flatMap((page) => page.edges) ?? [];
  return (
    <Panel id="edges" title={words.edges} asked={edges} wide>
      {all.length === 0 && edges.data && <p className="quiet">{words.noEdges}</p>}
      <ul className="operator-edges">
        {all.map((edge) => (
          <Edge key={edge.report.edge_id} edge={edge} />
        ))}
      </ul>
      <MoreButton more={edges} onMore={() => void edges.fetchNextPage()} />
    </Panel>
  );
}

function Edge({ edge }: { edge: EdgeStatus }) {
  const words = useOperatorWords();
  const language = useLanguage();
  const { report } = edge;
  const state = report.draining ? words.draining : edge.healthy ? words.good : words.silentSince(agoOf(edge.last_seen_at_ms, language));
  return (
    <li>
      <p className="operator-name" data-bad={edge.healthy ? undefined : ""}>
        {report.edge_id}
      </p>
      <p className="quiet">
        {[state, report.country, report.isp, words.held(report.held)].filter(Boolean).join(" · ")}
      </p>
      <p>{words.edgeLoad(report.streams, numberOf(report.load_mbps, language), numberOf(report.capacity_mbps, language))}</p>
      <meter className="operator-meter" aria-label={words.loadOf(report.edge_id)} min={0} max={report.capacity_mbps || 1} high={report.capacity_mbps * 0.8} value={report.load_mbps} />
      <p className="quiet">{words.cache(bytesOf(report.disk_used_bytes, language), bytesOf(report.disk_bytes, language))}</p>
    </li>
  );
}
