//! Web sockets.

use crate::support::{data, login, rest};
use cometchat_emulator::Emulator;
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

type Socket = tokio_tungstenite::WebSocketStream<TcpStream>;

async fn connect(emulator: &Emulator) -> Socket {
    let stream = TcpStream::connect(emulator.address()).await.unwrap();
    tokio_tungstenite::client_async("ws://emulator-app.websocket-us.cometchat.io/", stream)
        .await
        .unwrap()
        .0
}

async fn send_json(socket: &mut Socket, frame: Value) {
    socket.send(Message::text(frame.to_string())).await.unwrap();
}

async fn receive(socket: &mut Socket) -> Message {
    tokio::time::timeout(Duration::from_secs(5), socket.next())
        .await
        .expect("a message within 5 s")
        .unwrap()
        .unwrap()
}

async fn receive_json(socket: &mut Socket) -> Value {
    serde_json::from_str(receive(socket).await.to_text().unwrap()).unwrap()
}

fn auth(uid: &str, jwt: &Value) -> Value {
    json!({
        "appId": "emulator-app",
        "deviceId": "WEB-4_2_0-x",
        "type": "auth",
        "sender": uid,
        "body": { "auth": jwt },
    })
}

fn close_code(message: &Message) -> u16 {
    match message {
        Message::Close(Some(frame)) => frame.code.into(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_socket_accepts_the_jwt_of_me_and_responds_to_pings() {
    let emulator = Emulator::start().await.unwrap();
    let me = login(&emulator, "superhero1").await;
    let mut socket = connect(&emulator).await;
    send_json(&mut socket, json!({ "action": "ping", "ack": "true" })).await;
    send_json(&mut socket, auth("superhero1", &me["jwt"])).await;
    let response = receive_json(&mut socket).await;
    assert_eq!(
        (&response["type"], &response["deviceId"], &response["sender"]),
        (&json!("auth"), &json!("WEB-4_2_0-x"), &json!("superhero1"))
    );
    assert_eq!(response["body"], json!({ "code": "200", "status": "OK" }));
    send_json(&mut socket, json!({ "action": "ping", "ack": "true" })).await;
    assert_eq!(receive_json(&mut socket).await, json!({ "action": "pong", "ack": "true" }));

    // The end of the session is the end of the socket.
    rest(&emulator, Method::DELETE, "/users/superhero1/auth_tokens").await;
    assert_eq!(close_code(&receive(&mut socket).await), 1008);
}

#[tokio::test]
async fn the_socket_refuses_other_jwts() {
    let emulator = Emulator::start().await.unwrap();
    let me = login(&emulator, "superhero1").await;
    for (uid, jwt) in [
        ("superhero1", json!("a.b.c")),
        ("superhero2", me["jwt"].clone()),
        ("superhero1", Value::Null),
    ] {
        let mut socket = connect(&emulator).await;
        send_json(&mut socket, auth(uid, &jwt)).await;
        assert_eq!(receive_json(&mut socket).await["body"]["code"], "401");
        assert_eq!(close_code(&receive(&mut socket).await), 1008);
    }
    let mut socket = connect(&emulator).await;
    socket.send(Message::text("no JSON")).await.unwrap();
    assert_eq!(close_code(&receive(&mut socket).await), 1007);
}

#[tokio::test]
async fn stop_closes_web_sockets_and_ignores_hanging_requests() {
    let emulator = Emulator::start().await.unwrap();
    let me = login(&emulator, "superhero1").await;
    let mut socket = connect(&emulator).await;
    send_json(&mut socket, auth("superhero1", &me["jwt"])).await;
    receive_json(&mut socket).await;
    data(
        &emulator,
        Method::POST,
        "/faults",
        json!({ "match": { "path": "superhero2" }, "act": { "hang": "before" } }),
    )
    .await;
    data(
        &emulator,
        Method::POST,
        "/faults",
        json!({ "match": { "path": "superhero3" }, "act": { "hang": "body" } }),
    )
    .await;
    let mut open = vec![TcpStream::connect(emulator.address()).await.unwrap()];
    for uid in ["superhero2", "superhero3"] {
        let mut stream = TcpStream::connect(emulator.address()).await.unwrap();
        let request = format!(
            "GET /v3/users/{uid} HTTP/1.1\r\nHost: localhost\r\napikey: \
             emulator-rest-api-key\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        open.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let closed = tokio::spawn(async move { close_code(&receive(&mut socket).await) });
    let started = Instant::now();
    emulator.stop().await;
    assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
    assert_eq!(closed.await.unwrap(), 1001);
}
