import { CometChat } from "cometchat-auth";
import { Login } from "./login";

/** Rendered on the server, where importing the package does nothing. */
export default function Page() {
  return (
    <main>
      <p id="server">{`${CometChat.isInitialized() ? "initialised" : "not initialised"} on the server`}</p>
      <Login />
    </main>
  );
}
