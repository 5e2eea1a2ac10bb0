import { CometChat } from "cometchat-auth";
import { program } from "./program.js";

program(CometChat);
