import { CometChat } from "cometchat-auth/wasm-url";
import { program } from "./program.js";

program(CometChat);
