/** What went wrong: events that could not be handled, then what the processes logged. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answered, api } from "../api/client";
import { queryClient } from "../api/queries";
import type { LoggedError } from "../api/types";
import { agoOf, useLanguage } from "../words";
import { Panel } from "./Panel";
import { deadEventsQuery, errorsQuery } from "./queries";
import { useOperatorWords } from "./words";

export function Errors() {
  const words = useOperatorWords();
  return (
    <>
      <h1>{words.errors}</h1>
      <div className="operator-panels">
        <DeadEvents />
        <Logged />
      </div>
    </>
  );
}

interface Replay {
  group: string;
  event?: { id: string; type: string; key: string };
}

function DeadEvents() {
  const words = useOperatorWords();
  const language = useLanguage();
  const dead = useQuery(deadEventsQuery);
  const [done, setDone] = useState("");
  const replay = useMutation({
    mutationFn: ({ group, event }: Replay) =>
      answered(api.POST("/api/console/events/replay", { body: { group, id: event?.id ?? null } })),
    onMutate: () => setDone(""),
    onSuccess: (_, { group, event }) => setDone(event ? words.replayed(event.type, event.key) : words.replayedAll(group)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: deadEventsQuery.queryKey }),
  });
  // Nothing is disabled while it is done: that would take the focus away.
  const again = (what: Replay) => replay.isPending || replay.mutate(what);
  const groups = [...new Set(dead.data?.map((event) => event.group))];
  return (
    <Panel id="dead" title={words.deadEvents} asked={[dead, { isPending: false, error: replay.error }]} done={done} wide>
      <p className="quiet">{dead.data?.length ? words.deadEventsHint : words.noDeadEvents}</p>
      {groups.map((group) => (
        <div key={group} className="operator-group">
          <div className="operator-head">
            <h3>{group}</h3>
            <button type="button" className="button button-quiet button-small" data-does="replay all" aria-label={words.replayAllOf(group)} onClick={() => again({ group })}>
              {words.replayAll}
            </button>
          </div>
          <ul className="operator-rows">
            {dead.data
              ?.filter((event) => event.group === group)
              .map((event) => (
                <li key={event.id}>
                  <span className="grow">
                    <span className="operator-name">
                      {event.type} <span className="quiet">{event.key}</span>
                    </span>
                    <span className="operator-reason">{event.error}</span>
                    <span className="quiet">
                      {words.attempts(event.attempts)} · {agoOf(event.given_up_at_ms, language)}
                    </span>
                  </span>
                  <button type="button" className="button button-quiet button-small" data-does="replay" aria-label={words.replayOf(event.type, event.key)} onClick={() => again({ group, event })}>
                    {words.replay}
                  </button>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </Panel>
  );
}

function Logged() {
  const words = useOperatorWords();
  const language = useLanguage();
  const errors = useQuery(errorsQuery);
  const groups = grouped(errors.data ?? []);
  return (
    <Panel id="logged" title={words.logged} asked={errors} wide>
      <p className="quiet">{groups.length ? words.loggedHint : words.nothingLogged}</p>
      <ul className="operator-rows">
        {groups.map(({ error, count }) => (
          <li key={`${error.process} ${error.at_ms} ${error.text}`}>
            <details className="grow">
              <summary>
                <span className="operator-state" data-bad={error.level === "warning" ? undefined : ""}>
                  {words.levels[error.level]}
                </span>{" "}
                <span className="operator-name">{error.text}</span>
                {count > 1 && <strong> × {count}</strong>}{" "}
                <span className="quiet">
                  {error.process} · {agoOf(error.at_ms, language)}
                </span>
              </summary>
              <dl className="operator-fields">
                {Object.entries({ [words.part]: error.part, ...error.fields }).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
              {error.trace && <pre>{error.trace}</pre>}
            </details>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** One line for what one process said over and over. */
export function grouped(errors: LoggedError[]): { error: LoggedError; count: number }[] {
  const groups = new Map<string, { error: LoggedError; count: number }>();
  for (const error of errors) {
    const key = `${error.process} ${error.level} ${error.text}`;
    const group = groups.get(key);
    if (group) group.count += 1;
    else groups.set(key, { error, count: 1 });
  }
  return [...groups.values()];
}
