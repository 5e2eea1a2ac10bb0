import { onMounted, onUnmounted, readonly, shallowRef, useId } from "vue";
import { CometChat } from "cometchat-auth";

/** The user; null without a session; undefined before `init`. */
export function useLoggedinUser() {
  const user = shallowRef();
  const id = useId();

  onMounted(async () => {
    // The listener is also called for other tabs.
    const listener = {
      loginSuccess: (loggedIn) => (user.value = loggedIn),
      logoutSuccess: () => (user.value = null),
    };
    CometChat.addLoginListener(id, new CometChat.LoginListener(listener));
    const stored = await CometChat.getLoggedinUser();
    // An event since the call is newer.
    if (user.value === undefined) user.value = stored;
  });
  onUnmounted(() => CometChat.removeLoginListener(id));

  return readonly(user);
}
