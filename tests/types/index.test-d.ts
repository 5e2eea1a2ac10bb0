import { expectAssignable, expectError, expectNotAssignable, expectType } from "tsd";
import {
  AppSettings,
  AppSettingsBuilder,
  CometChat,
  CometChatException,
  type CometChatSettings,
  type ErrorCode,
  type ErrorModel,
  isCometChatException,
  type Logger,
  type LoginHandlers,
  LoginListener,
  type LoginRequest,
  type LogoutReply,
  type PlainSettings,
  type ReadonlyUser,
  type SessionState,
  StorageMode,
  type TokenProvider,
  User,
  type UserObj,
} from "cometchat-auth";
import * as main from "cometchat-auth";
import { CometChat as Lazy, User as LazyUser } from "cometchat-auth/lazy";
import { useLoggedinUser } from "cometchat-auth/react";
import { CometChat as Streamed, User as StreamedUser } from "cometchat-auth/wasm-url";

// init
const settings = new AppSettingsBuilder()
  .setRegion("us")
  .setStorageMode(StorageMode.SESSION)
  .setRequestTimeout(5000)
  .build();
expectType<AppSettings>(settings);
expectType<Promise<boolean>>(CometChat.init("app", settings));
expectType<Promise<boolean>>(CometChat.init("app"));
expectType<Promise<boolean>>(CometChat.init({ appId: "app", appSettings: settings }));
expectAssignable<PlainSettings>({ region: "us", requestTimeout: 1, emulator: undefined });
expectType<Promise<boolean>>(CometChat.init({ appId: "app", region: "us", chatSDK: {} }));
expectType<Promise<boolean>>(CometChat.initFromSettings({ appId: "app" }));
expectAssignable<CometChatSettings>({ appId: "app", region: "us", chatSDK: { adminHost: null } });
expectError(CometChat.initFromSettings({ region: "us" }));
expectError(CometChat.init());
expectError(CometChat.init(1));
expectError(CometChat.init("app", { region: 1 }));

// login: each form, and no other
expectType<Promise<User>>(CometChat.login("uid", "key"));
expectType<Promise<User>>(CometChat.login("token"));
expectType<Promise<User>>(CometChat.login({ uid: "uid", authKey: "key" }));
expectType<Promise<User>>(
  CometChat.login({ authToken: "token", signal: new AbortController().signal }),
);
expectType<Promise<User>>(CometChat.login({ uid: "uid", authToken: "token" }));
expectType<Promise<User>>(CometChat.login({ username: "uid", apiKey: "key" }));
const provider: TokenProvider = async () => "token";
expectType<Promise<User>>(CometChat.login(provider));
expectType<Promise<User>>(CometChat.login(() => "token"));
expectType<Promise<User>>(
  CometChat.login({ uid: "uid", authToken: provider, signal: new AbortController().signal }),
);
expectError(CometChat.login(() => 1));
expectError(CometChat.login());
expectError(CometChat.login(1));
expectError(CometChat.login("uid", 1));
expectError(CometChat.login({ uid: "uid" }));
expectError(CometChat.login({ authToken: "token", signal: "now" }));
expectNotAssignable<LoginRequest>({ authKey: "key" });

// the session
expectType<Promise<User | null>>(CometChat.getLoggedinUser());
expectType<Promise<User | null>>(CometChat.getLoggedInUser());
expectType<Promise<LogoutReply>>(CometChat.logout());
expectType<"local" | "session" | "memory" | null>(CometChat.persistence);
expectError((CometChat.persistence = "local"));
expectType<string | null>(CometChat.getAppId());
expectType<boolean>(CometChat.isInitialized());
expectType<string | null>(CometChat.getInstance().getAuthToken());
expectType<void>(CometChat.dispose());

// the session store
const state = CometChat.session.get();
expectType<SessionState>(state);
expectType<"unknown" | "out" | "in">(state.status);
if (state.status === "in") expectType<ReadonlyUser>(state.user);
else expectType<null>(state.user);
expectError((state.status = "out"));
expectError(state.user?.setName("other"));
expectType<string | undefined>(state.user?.getName());
if (state.user) expectType<User>(new User(state.user));
expectType<() => void>(
  CometChat.session.subscribe(({ status, user }) => {
    if (status === "in") expectType<ReadonlyUser>(user);
  }),
);
expectError(CometChat.session.set(null));
expectError(CometChat.session.observe(() => undefined));

// the classes are types of the namespace, too
const namespaced: CometChat.User = new CometChat.User("uid");
expectType<User>(namespaced);
expectAssignable<CometChat.AppSettings>(settings);
expectAssignable<CometChat.AppSettingsBuilder>(new AppSettingsBuilder());
expectAssignable<CometChat.LoginListener>(new LoginListener({}));
expectAssignable<CometChat.CometChatException>(new CometChatException({ code: "X" }));
expectAssignable<CometChat.StorageMode>("local");

// users
const user: UserObj = { uid: "uid", name: "name", metadata: { any: "thing" }, tags: ["tag"] };
expectType<Promise<User>>(CometChat.createUser(user, "key"));
expectType<Promise<User>>(CometChat.createUser(new User("uid", "name"), "key"));
expectType<Promise<User>>(CometChat.updateUser(user, "key"));
expectType<Promise<User>>(CometChat.updateCurrentUserDetails({ name: "name" }));
expectType<Promise<User>>(CometChat.getUser("uid"));
expectType<Promise<User | null>>(CometChat.verifySession());
expectError(CometChat.createUser(user));
expectError(CometChat.createUser({ uid: 1 }, "key"));
expectError(CometChat.getUser(1));
expectType<string | undefined>(new User("uid").getName());
expectType<string | undefined>(new User("uid").getAvatar());
expectType<string[] | undefined>(new User("uid").getTags());
expectType<object | undefined>(new User("uid").getMetadata());
expectType<number | undefined>(new User("uid").getLastActiveAt());
expectType<number>(new User("uid").getDeactivatedAt());
expectType<boolean>(new User("uid").getBlockedByMe());
expectError(new User("uid").setTags("tag"));

// listeners
const handlers: LoginHandlers = {
  loginSuccess: (user) => expectType<User>(user),
  loginFailure: (error) => expectType<CometChatException>(error),
};
expectType<void>(CometChat.addLoginListener("id", handlers));
expectType<void>(
  CometChat.addLoginListener("id", new LoginListener({ logoutSuccess: () => undefined })),
);
expectType<void>(CometChat.addLoginListener("id", new CometChat.LoginListener({})));
expectError(CometChat.addLoginListener("id", { loginSuccess: (user: string) => user }));
expectError(CometChat.addLoginListener(handlers));
expectType<void>(CometChat.removeLoginListener("id"));

// errors
const caught: unknown = undefined;
if (isCometChatException(caught)) {
  expectType<CometChatException>(caught);
  expectType<ErrorCode>(caught.code);
  expectType<boolean>(caught.code === "LOGIN_IN_PROGRESS" || caught.code === "ERR_OF_TOMORROW");
  expectType<boolean>(caught.retryable);
  expectType<number | undefined>(caught.status);
  expectType<number | undefined>(caught.retryAfter);
  expectType<unknown>(caught.details);
  expectError((caught.code = "other"));
}
expectAssignable<Error>(new CometChatException({ code: "X" }));
expectAssignable<ErrorModel>({ message: "m" });

// users
expectType<User>(new User("uid"));
expectType<User>(new CometChat.User("uid", "name"));
expectType<User>(new User({ uid: "uid" }));
expectError(new User());
expectError(new User("uid", "name", "more"));
expectType<void>(new User("uid").setName("name"));
expectNotAssignable<{ uid: string }>(new User("uid"));
expectAssignable<UserObj>({ uid: "uid", tags: ["a"] });

// settings
expectAssignable<Logger>((level: "warn" | "error", message: string) => console[level](message));
expectType<"session">(CometChat.StorageMode.SESSION);
expectType<"us">(AppSettings.REGION_US);
expectAssignable<StorageMode>("local");
expectNotAssignable<StorageMode>("cookie");

// What the entries share is shared in the types as well.
expectType<typeof CometChat>(Lazy);
expectType<typeof User>(LazyUser);
expectType<typeof CometChat>(Streamed);
expectType<typeof User>(StreamedUser);
expectType<User | null | undefined>(useLoggedinUser());
expectError(useLoggedinUser("id"));

// What the entries need of each other is nobody else's.
expectError(main.observe);
expectError(main.loadWith);
