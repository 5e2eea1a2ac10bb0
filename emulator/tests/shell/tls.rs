//! TLS with the emulator's own certificate.

use crate::support::rest;
use cometchat_emulator::{Emulator, SetupError, StartError};
use reqwest::{Method, StatusCode};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

async fn over_tls(emulator: &Emulator, name: &str) -> Result<String, String> {
    let certificate = emulator.certificate().unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.ca_pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(emulator.address()).await.unwrap();
    let server = ServerName::try_from(name.to_owned()).unwrap();
    let connected = TlsConnector::from(Arc::new(config)).connect(server, stream).await;
    let mut stream = connected.map_err(|error| error.to_string())?;
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {name}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    let _ = stream.read_to_string(&mut response).await;
    Ok(response)
}

#[tokio::test]
async fn the_tls_certificate_is_valid_only_for_its_names() {
    let emulator = Emulator::builder()
        .tls(true)
        .tls_name("*.lab.test")
        .tls_name("devbox")
        .tls_name("*.single")
        .region("eu")
        .start()
        .await
        .unwrap();
    assert!(emulator.url().starts_with("https://127.0.0.1:"));
    for name in [
        "localhost",
        "127.0.0.1",
        "emulator-app.api-eu.cometchat.io",
        "metrics-eu.cometchat.io",
        "x.lab.test",
        "a.websocket-eu.lab.test",
        "devbox",
    ] {
        let response =
            over_tls(&emulator, name).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(response.starts_with("HTTP/1.1 200"), "{name}: {response}");
    }
    for name in ["evil.test", "emulator-app.api-us.cometchat.io", "192.0.2.1"] {
        over_tls(&emulator, name).await.unwrap_err();
    }
    let (status, _) = rest(&emulator, Method::GET, "/users/superhero1").await;
    assert_eq!(status, StatusCode::OK, "plain HTTP on the same port");
    let fingerprint = &emulator.certificate().unwrap().fingerprint;
    assert_eq!((fingerprint.len(), fingerprint.matches(':').count()), (95, 31));
    emulator.stop().await;
    for name in ["*", "http://x", "a b"] {
        let result = Emulator::builder().tls(true).tls_name(name).start().await;
        assert!(matches!(result, Err(StartError::Setup(SetupError::HostName(_)))), "{name}");
    }
}
