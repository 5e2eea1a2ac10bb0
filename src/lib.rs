//! Being logged in to CometChat from a web page.
