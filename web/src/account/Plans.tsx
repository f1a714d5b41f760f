import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answered, api } from "../api/client";
import { plansQuery, queryClient, subscriptionQuery } from "../api/queries";
import type { Plan } from "../api/types";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { Failure } from "../components/Failure";
import { useLanguage, useWords } from "../words";

export function Plans() {
  const words = useWords();
  const language = useLanguage();
  const [wanted, setWanted] = useState<Plan | "none" | null>(null);
  const plans = useQuery(plansQuery);
  const subscription = useQuery(subscriptionQuery);
  const choose = useMutation({
    mutationFn: (plan: Plan) => answered(api.PUT("/api/subscription", { body: { plan_id: plan.id } })),
    onSuccess: (next) => {
      queryClient.setQueryData(subscriptionQuery.queryKey, next);
      setWanted(null);
    },
  });
  const cancel = useMutation({
    mutationFn: () => answered(api.DELETE("/api/subscription")),
    onSuccess: (next) => {
      queryClient.setQueryData(subscriptionQuery.queryKey, next);
      setWanted(null);
    },
  });
  const close = () => {
    setWanted(null);
    choose.reset();
    cancel.reset();
  };
  const active = subscription.data?.state === "active" || subscription.data?.state === "past-due";
  const now = active ? subscription.data?.plan : null;
  const current = now?.id;
  return (
    <section aria-labelledby="plan">
      <h2 id="plan">{words.plan}</h2>
      <Failure error={plans.error ?? subscription.error} />
      {subscription.data && (
        <p className="lead" role="status" style={{ marginBottom: "1rem" }}>
          {words.subscriptionState[subscription.data.state]}
        </p>
      )}
      <ul className="plans">
        {plans.data?.map((plan) => (
          <PlanSheet
            key={plan.id}
            plan={plan}
            current={plan.id === current}
            busy={choose.isPending}
            onChoose={() => setWanted(plan)}
          />
        ))}
      </ul>
      {active && (
        <button type="button" className="button button-quiet plan-cancel" onClick={() => setWanted("none")}>
          {words.cancelPlan}
        </button>
      )}
      {wanted === "none" && (
        <ConfirmDialog title={words.cancelPlan} confirm={words.cancelPlan} danger busy={cancel.isPending} error={cancel.error} onConfirm={() => cancel.mutate()} onClose={close}>
          <p>{words.cancelPlanSure}</p>
        </ConfirmDialog>
      )}
      {wanted && wanted !== "none" && (
        <ConfirmDialog title={words.changePlanTo(wanted.name)} confirm={words.confirmPlan(priceOf(wanted, language))} busy={choose.isPending} error={choose.error} onConfirm={() => choose.mutate(wanted)} onClose={close}>
          <p>
            {words.planCosts(wanted.name, priceOf(wanted, language))} {now && words.insteadOf(now.name, priceOf(now, language))}
          </p>
          {now && wanted.streams < now.streams && <p className="quiet">{words.fewerStreams(wanted.streams)}</p>}
        </ConfirmDialog>
      )}
    </section>
  );
}

function PlanSheet(props: { plan: Plan; current: boolean; busy: boolean; onChoose: () => void }) {
  const words = useWords();
  const language = useLanguage();
  const { plan, current } = props;
  return (
    <li className="plan" data-current={current || undefined}>
      <h3>{plan.name}</h3>
      <p className="price">
        {priceOf(plan, language)} {words.perMonth}
      </p>
      <p>{words.streamsAtOnce(plan.streams)}</p>
      <p>{words.bestPicture(plan.max_height)}</p>
      {current ? (
        <p className="current">{words.currentPlan}</p>
      ) : (
        <button
          type="button"
          className="button button-quiet button-small"
          aria-label={`${words.choosePlan}: ${plan.name}`}
          disabled={props.busy}
          onClick={props.onChoose}
        >
          {words.choosePlan}
        </button>
      )}
    </li>
  );
}

/** The amount is in the currency's smallest unit, whose size depends on the currency. */
export function priceOf(plan: Pick<Plan, "price">, language: string): string {
  const { minor, currency } = plan.price;
  const format = new Intl.NumberFormat(language, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits);
}
