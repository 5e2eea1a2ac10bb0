import { CometChat } from "cometchat-auth/lazy";
import { program } from "./program.js";

program(CometChat);
