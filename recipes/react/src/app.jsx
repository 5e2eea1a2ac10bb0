import { useActionState } from "react";
import { CometChat } from "cometchat-auth";
import { useLoggedinUser } from "cometchat-auth/react";

export function App() {
  const user = useLoggedinUser();
  if (user === undefined) return <p>One moment …</p>;
  return user ? <Account user={user} /> : <Login />;
}

function Login() {
  const [problem, logIn, pending] = useActionState(async (_, form) => {
    try {
      await CometChat.login(form.get("uid"), import.meta.env.VITE_AUTH_KEY);
      return null;
    } catch (error) {
      return error.message;
    }
  }, null);

  return (
    <form action={logIn}>
      <label>
        Uid <input name="uid" defaultValue="superhero1" required />
      </label>
      <button disabled={pending}>Log in</button>
      {problem && <p role="alert">{problem}</p>}
    </form>
  );
}

function Account({ user }) {
  // The local session ends even if the request fails, and the hook returns null.
  const logOut = () => CometChat.logout().catch(console.warn);

  return (
    <p>
      Logged in as <strong id="user">{user.getName()}</strong>{" "}
      <button onClick={logOut}>Log out</button>
    </p>
  );
}
