/** The page begins here: the sign-in code leaves the address before anything is drawn or asked. */

import { render } from "preact";

import { begin, takeCode } from "./account_io";
import { App } from "./pages/app";
import { signInError } from "./pages/signin";
import "./style/base.css";
import "./style/controls.css";
import "./style/layout.css";
import "./style/picture.css";
import "./style/lists.css";
import "./style/room.css";
import "./style/studies.css";

async function signInFromAddress(): Promise<void> {
  signInError.value = await begin(takeCode());
}

void signInFromAddress();
globalThis.addEventListener("hashchange", () => {
  if (location.hash.startsWith("#signin=")) void signInFromAddress();
});
const root = document.getElementById("page");
if (root) render(<App />, root);
