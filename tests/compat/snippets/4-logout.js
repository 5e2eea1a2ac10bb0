// Logout
CometChat.logout().then(() => console.log("Logged out"));
