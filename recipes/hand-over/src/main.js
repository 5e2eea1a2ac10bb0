import { CometChat } from "cometchat-auth";
import { loaded, openChat } from "./chat.js";
import { appId, settings } from "./settings.js";

const find = (selector) => document.querySelector(selector);

function show(user) {
  find("#login").hidden = user !== null;
  find("#account").hidden = find("#chat").hidden = user === null;
  find("#user").textContent = user?.getName() ?? "";
  if (user === null) find("#chat-status").textContent = "";
}

find("#login").onsubmit = async (event) => {
  event.preventDefault();
  const problem = find("[role=alert]");
  problem.textContent = "";
  try {
    await CometChat.login(event.target.uid.value, import.meta.env.VITE_AUTH_KEY);
  } catch (error) {
    problem.textContent = error.message;
  }
};

find("#logout").onclick = async () => {
  const client = (await loaded()) ?? CometChat;
  await client.logout().catch(console.warn);
  // This package notices changes by the official SDK at its next call.
  show(await CometChat.getLoggedinUser());
};

find("#open-chat").onclick = async () => {
  find("#chat-status").textContent = "Loading …";
  try {
    const chat = await openChat();
    const [me, other] = [await chat.getLoggedinUser(), await chat.getUser("superhero2")];
    find("#chat-status").textContent = `${me.getName()} may write to ${other.getName()}.`;
  } catch (error) {
    find("#chat-status").textContent = `The chat did not open: ${error.message}`;
  }
};

CometChat.addLoginListener(
  "page",
  new CometChat.LoginListener({ loginSuccess: show, logoutSuccess: () => show(null) }),
);
await CometChat.init(appId, settings);
show(await CometChat.getLoggedinUser());
