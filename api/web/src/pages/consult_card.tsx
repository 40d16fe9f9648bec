/** One consultation: where it stands in the queue, and what this person may do with it. */

import { useSignal } from "@preact/signals";

import { token } from "../account_io";
import { may } from "../api/rights";
import type { Consult } from "../api/types";
import { clock, named, t } from "../catalogue/language";
import { waitOf } from "../catalogue/words";
import { href } from "../route";
import { cancel, claim, claims, finish } from "./consults";
import { Check, Clock, Dot, Stop } from "./icons";
import { Told } from "./told";

const SIGNS = { SCHEDULED: Clock, "IN PROGRESS": Dot, COMPLETED: Check, CANCELED: Stop } as const;

interface Props {
  readonly consult: Consult;
  readonly onChanged: () => void;
  /** Leave out what the page around says already. */
  readonly brief?: boolean;
}

export function ConsultCard({ consult, onChanged, brief = false }: Props) {
  const Sign = SIGNS[consult.state];
  return (
    <li class="consult" data-consult={consult.consult} data-state={consult.state}>
      <div class="consult-head">
        <span class="chip"><Sign /> {t(`step.${consult.state}`)}</span>
        <strong>{named("urgency", consult.urgency)}</strong>
        {consult.specialty && <span>{named("specialty", consult.specialty)}</span>}
        {!brief && <span class="muted">{consult.tenant} · {t("queue.exam", { session: consult.session })}</span>}
      </div>
      <p class="consult-reason">{consult.reason}</p>
      <p class="muted">{t("queue.requested", { at: clock(consult.requested_at) })}</p>
      {consult.state === "SCHEDULED" && <Place consult={consult} />}
      <Acts consult={consult} onChanged={onChanged} brief={brief} />
    </li>
  );
}

function Place({ consult }: { readonly consult: Consult }) {
  const wait = waitOf(consult.expected_wait_s);
  return (
    <p class="consult-place">
      {consult.position !== null && <strong>{t("queue.position", { position: consult.position })}</strong>}
      {" · "}
      {wait === null ? t("queue.wait.unknown") : t("queue.wait", {
        wait: wait === 0 ? t("queue.wait.less") : t("queue.wait.min", { minutes: wait }),
      })}
    </p>
  );
}

function Acts({ consult, onChanged, brief }: Required<Props>) {
  const busy = useSignal(false);
  const sure = useSignal(false);
  const error = useSignal<unknown>(null);
  const roles = token.value?.roles ?? [];
  const mine = claims.value[consult.consult] !== undefined;
  const open = consult.state === "SCHEDULED" || (consult.state === "IN PROGRESS" && mine);

  async function act(what: (consult: string) => Promise<void>): Promise<void> {
    busy.value = true;
    error.value = null;
    await what(consult.consult).catch((reason: unknown) => (error.value = reason));
    busy.value = sure.value = false;
    onChanged();
  }

  return (
    <div class="consult-acts">
      {consult.state === "IN PROGRESS" && mine && <span class="hint-strong"><Check /> {t("queue.mine")}</span>}
      {!brief && open && <a class="button" href={href({ page: "exam", session: consult.session })}>{t("queue.watch")}</a>}
      {(consult.state === "SCHEDULED" || consult.state === "IN PROGRESS") && may(roles, "watch") && (
        <a class="button" href={href({ page: "room", consult: consult.consult, invite: "" })}>{t("queue.room")}</a>
      )}
      {consult.state === "SCHEDULED" && may(roles, "consult") && (
        <button type="button" class="main" disabled={busy.value} onClick={() => void act(claim)}>{t("queue.claim")}</button>
      )}
      {consult.state === "IN PROGRESS" && mine && (
        <button type="button" class="main" disabled={busy.value} onClick={() => void act(finish)}>{t("queue.finish")}</button>
      )}
      {open && may(roles, "cancel") && !sure.value && (
        <button type="button" disabled={busy.value} onClick={() => (sure.value = true)}>{t("queue.cancel")}</button>
      )}
      {sure.value && (
        <span class="sure" role="alert">
          {t("queue.cancel.sure")}
          <button type="button" class="danger" disabled={busy.value} onClick={() => void act(cancel)}>{t("queue.cancel")}</button>
          <button type="button" onClick={() => (sure.value = false)}>{t("queue.keep")}</button>
        </span>
      )}
      {error.value !== null && <Told error={error.value} />}
    </div>
  );
}
