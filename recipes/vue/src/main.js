import { createApp } from "vue";
import "./cometchat.js";
import App from "./App.vue";

createApp(App).mount("#app");
