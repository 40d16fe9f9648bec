/** Coming in by an invitation's link, and making one. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { client } from "../account_io";
import { t } from "../catalogue/language";
import { href } from "../route";
import { Told } from "./told";

interface Invited {
  readonly done: boolean;
  readonly error: unknown;
}

/** Use an invitation up, once; the secret leaves the address. */
export function useInvite(consult: string, invite: string): Invited {
  const invited = useSignal<Invited>({ done: invite === "", error: null });
  useEffect(() => {
    if (invite === "") return;
    history.replaceState(null, "", `${location.pathname}${location.search}${href({ page: "room", consult, invite: "" })}`);
    client.post(`v1/consults/${encodeURIComponent(consult)}/redeem`, { invite }).then(
      () => (invited.value = { done: true, error: null }),
      (error: unknown) => (invited.value = { done: false, error }),
    );
  }, []);
  return invited.value;
}

/** A button that makes a link: it lets one person in, once. */
export function Inviting({ consult }: { readonly consult: string }) {
  const link = useSignal("");
  const error = useSignal<unknown>(null);
  async function make(rights: readonly string[]): Promise<void> {
    error.value = null;
    try {
      const body = { rights, expires_in_s: 3_600 };
      const { invite } = await client.post<{ invite: string }>(`v1/consults/${encodeURIComponent(consult)}/invites`, body);
      link.value = new URL(href({ page: "room", consult, invite }), document.baseURI).href;
    } catch (reason) {
      error.value = reason;
    }
  }
  return (
    <div class="inviting">
      <div class="inviting-buttons">
        <button type="button" onClick={() => void make(["see", "watch", "file", "consult"])}>{t("room.invite.expert")}</button>
        <button type="button" onClick={() => void make(["see", "watch"])}>{t("room.invite.guest")}</button>
      </div>
      {link.value !== "" && (
        <label class="inviting-link">
          <span>{t("room.invite.link")}</span>
          <input type="text" readOnly value={link.value} data-invite onFocus={(event) => event.currentTarget.select()} />
        </label>
      )}
      {error.value !== null && <Told error={error.value} />}
    </div>
  );
}
