await navigator.serviceWorker.register("./worker.js");
const { active } = await navigator.serviceWorker.ready;
const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data }) => (document.querySelector("#user").textContent = data);
active.postMessage(new URLSearchParams(location.search).get("emulator"), [port2]);
