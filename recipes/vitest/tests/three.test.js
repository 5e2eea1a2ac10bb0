import { sessionTests } from "./sessions.js";

sessionTests(5);
