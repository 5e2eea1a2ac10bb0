import { onMounted, onUnmounted, readonly, shallowRef, useId } from "vue";
import { CometChat } from "cometchat-auth";

/** The user, null where nobody is logged in, undefined as long as that is not known. */
export function useLoggedinUser() {
  const user = shallowRef();
  const id = useId();

  onMounted(async () => {
    // It also hears of other tabs.
    const listener = {
      loginSuccess: (loggedIn) => (user.value = loggedIn),
      logoutSuccess: () => (user.value = null),
    };
    CometChat.addLoginListener(id, new CometChat.LoginListener(listener));
    const stored = await CometChat.getLoggedinUser();
    // What was heard meanwhile is newer.
    if (user.value === undefined) user.value = stored;
  });
  onUnmounted(() => CometChat.removeLoginListener(id));

  return readonly(user);
}
