//! The TLS certificate, created at each start. It is signed by an authority that is limited to the
//! emulator's names and whose key is discarded at once.

use crate::lab::SERVICE_DOMAINS;
use base64::Engine as _;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
    PublicKeyData as _,
};
use std::fs::File;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The values that a client needs to trust the emulator's certificate.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// SHA-256 of the certificate in upper-case hex with colons, as browsers show it.
    pub fingerprint: String,
    /// SHA-256 of its public key in Base64, for Chromium's `--ignore-certificate-errors-spki-list`.
    pub spki: String,
    /// The authority's certificate in PEM, for `curl --cacert` or `NODE_EXTRA_CA_CERTS`.
    pub ca_pem: String,
}

impl Certificate {
    /// Writes [`Certificate::ca_pem`] to a file. It writes a new file and renames it, so that a
    /// reader never sees an incomplete file and a symbolic link is replaced, not followed.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, or something that is not a file has its name.
    pub fn write_to(&self, path: &Path) -> std::io::Result<()> {
        let is_replaceable = |metadata: std::fs::Metadata| {
            metadata.file_type().is_file() || metadata.file_type().is_symlink()
        };
        if !std::fs::symlink_metadata(path).map_or(true, is_replaceable) {
            return Err(std::io::Error::other("it is not a regular file"));
        }
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let new = PathBuf::from(name);
        let mut file = File::create_new(&new)?;
        let written = file.write_all(self.ca_pem.as_bytes()).and_then(|()| file.sync_all());
        drop(file);
        let result = written.and_then(|()| std::fs::rename(&new, path));
        if result.is_err() {
            // The first error is the one to report.
            let _removed = std::fs::remove_file(&new);
        }
        result
    }
}

/// Creates the authority and the certificate. The certificate is valid for localhost, the loopback
/// addresses, the address `ip`, the service's host names in `regions`, and `names`. A name such as
/// `*.example.test` also stands for the service's host names below `example.test`.
pub(super) fn make(
    names: &[String],
    regions: &[String],
    ip: IpAddr,
) -> Result<(TlsAcceptor, Certificate), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let mut domains: Vec<&str> = SERVICE_DOMAINS.to_vec();
    let mut all = vec!["localhost".to_owned()];
    for name in names {
        match name.strip_prefix("*.") {
            Some(domain) => domains.push(domain),
            None => all.push(name.clone()),
        }
    }
    for domain in domains {
        // Clients reject a wildcard before a single label; some reject the whole certificate.
        if domain.contains('.') {
            all.push(format!("*.{domain}"));
        }
        // A wildcard stands for one label only, and these names have two labels before the domain.
        for region in regions {
            all.extend(
                ["api", "apiclient", "websocket"]
                    .map(|service| format!("*.{service}-{region}.{domain}")),
            );
        }
    }
    let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    if !ip.is_unspecified() && !addresses.contains(&ip) {
        addresses.push(ip);
    }
    let mut permitted: Vec<GeneralSubtree> = all
        .iter()
        .map(|name| GeneralSubtree::DnsName(name.trim_start_matches("*.").to_owned()))
        .collect();
    permitted.extend(addresses.iter().map(|ip| {
        let bits = if ip.is_ipv4() { 32 } else { 128 };
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*ip, bits))
    }));
    all.extend(addresses.iter().map(ToString::to_string));

    let start = rcgen::date_time_ymd(1970, 1, 1);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (from, until) = (start + now.saturating_sub(DAY), start + now + 365 * DAY);

    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.name_constraints =
        Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
    authority
        .distinguished_name
        .push(DnType::CommonName, "CometChat emulator on this machine (unofficial)");
    (authority.not_before, authority.not_after) = (from, until);
    let authority_key = KeyPair::generate().map_err(|error| text(&error))?;
    let issuer =
        CertifiedIssuer::self_signed(authority, authority_key).map_err(|error| text(&error))?;

    let mut own = CertificateParams::new(all).map_err(|error| text(&error))?;
    own.distinguished_name.push(DnType::CommonName, "CometChat emulator");
    own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    own.use_authority_key_identifier_extension = true;
    (own.not_before, own.not_after) = (from, until);
    let key = KeyPair::generate().map_err(|error| text(&error))?;
    let certificate = own.signed_by(&key, &issuer).map_err(|error| text(&error))?;

    let sha256 = |bytes: &[u8]| ring::digest::digest(&ring::digest::SHA256, bytes);
    let hex: Vec<String> =
        sha256(certificate.der()).as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    let spki = sha256(&key.subject_public_key_info());
    let shown = Certificate {
        fingerprint: hex.join(":"),
        spki: base64::engine::general_purpose::STANDARD.encode(spki.as_ref()),
        ca_pem: issuer.pem(),
    };
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(str::to_owned)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| text(&error))?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone(), issuer.der().clone()], key)
        .map_err(|error| text(&error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), shown))
}
