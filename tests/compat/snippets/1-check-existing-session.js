// Check existing session
const user = await CometChat.getLoggedinUser();
