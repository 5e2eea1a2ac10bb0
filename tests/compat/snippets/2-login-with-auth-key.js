// Login with Auth Key (development only)
CometChat.login("UID", "AUTH_KEY").then(user => console.log("Logged in:", user));
