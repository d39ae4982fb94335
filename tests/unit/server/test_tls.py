"""The certificates of one store: for this machine alone, and nobody can make another with what is stored."""

import ipaddress
import os
import ssl
import subprocess
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tenure import wiring
from tenure.server.tls import LIFE, RENEWED_BEFORE, are_good, make_certificates

AT = wiring.system_clock().now().replace(microsecond=0)  # a handshake is checked against the clock of the machine
NAMES = ("authority.pem", "certificate.pem", "named.pem", "key.pem")


@pytest.fixture(scope="module")
def made():
    return make_certificates(AT)


@pytest.fixture
def folder(tmp_path):
    wiring.certificates(str(tmp_path), AT)
    return tmp_path


def contents(folder) -> list[bytes]:
    return [(folder / "tls" / name).read_bytes() for name in NAMES]


def extension(certificate, kind):
    return x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_class(kind)


def test_authority_is_constrained_to_localhost_and_loopback(made):
    constraints = extension(made[0], x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.excluded_subtrees is None
    assert {str(each.value) for each in constraints.value.permitted_subtrees} == {"localhost", "127.0.0.0/8", "::1/128"}


def test_authority_can_issue_no_further_authority(made):
    assert extension(made[0], x509.BasicConstraints).value == x509.BasicConstraints(ca=True, path_length=0)
    assert extension(made[0], x509.BasicConstraints).critical
    for issued in made[1:3]:
        assert extension(issued, x509.BasicConstraints).value == x509.BasicConstraints(ca=False, path_length=None)
        assert not extension(issued, x509.KeyUsage).value.key_cert_sign


def test_server_is_named_localhost_and_loopback_alone(made):
    names = extension(made[1], x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    assert list(extension(made[2], x509.SubjectAlternativeName).value) == [x509.DNSName("localhost")]


def test_key_of_the_authority_is_stored_nowhere(folder):
    authority = x509.load_pem_x509_certificate(contents(folder)[0]).public_key()
    stored = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(path.name for path in stored) == sorted(NAMES)
    keys = [path for path in stored if b"PRIVATE KEY" in path.read_bytes()]
    assert [path.name for path in keys] == ["key.pem"]
    key = serialization.load_pem_private_key(keys[0].read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key() != authority


def test_files_are_closed_to_others(folder):
    assert {os.stat(folder / "tls" / name).st_mode & 0o777 for name in NAMES} == {0o600}
    assert os.stat(folder / "tls").st_mode & 0o777 == 0o700


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str | None:
    """Let both sides talk in memory and return the version, or raise what the client or the server raises."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname=name)
    other = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(6):
        for side in (one, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return one.version()


def server_context(folder, name="certificate.pem") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls" / name, folder / "tls" / "key.pem")
    return context


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_client_that_trusts_the_authority_trusts_the_server(folder, name):
    client = ssl.create_default_context(cafile=str(folder / "tls" / "authority.pem"))
    assert handshake(server_context(folder), client, name) == "TLSv1.3"


@pytest.mark.parametrize("name", ["example.org", "127.0.0.2", "10.0.0.1", "localhost.example.org"])
def test_client_that_trusts_the_authority_trusts_no_other_name(folder, name):
    client = ssl.create_default_context(cafile=str(folder / "tls" / "authority.pem"))
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server_context(folder), client, name)


@pytest.mark.parametrize("name", ["example.org", "localhost"])
def test_certificate_that_is_made_with_the_stored_key_is_trusted_by_nobody(folder, tmp_path, name):
    """What a thief of the files can do: sign with the server's key, in the authority's name or below the server's certificate."""
    authority, certificate, _, pem = contents(folder)
    issuer = x509.load_pem_x509_certificate(authority)
    key = serialization.load_pem_private_key(pem, None)
    below = x509.load_pem_x509_certificate(certificate).subject
    client = ssl.create_default_context(cafile=str(folder / "tls" / "authority.pem"))
    for signer in (issuer.subject, below):
        builder = x509.CertificateBuilder().subject_name(below).issuer_name(signer).public_key(key.public_key()).serial_number(7)
        builder = builder.not_valid_before(AT).not_valid_after(AT + timedelta(days=30))
        forged = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, issuer.signature_hash_algorithm)
        chain = forged.public_bytes(serialization.Encoding.PEM) + certificate
        (tmp_path / "forged.pem").write_bytes(chain + pem)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(tmp_path / "forged.pem")
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(server, client, name)


def test_certificates_stay_until_thirty_days_before_their_end(folder):
    before = contents(folder)
    wiring.certificates(str(folder), AT + LIFE - RENEWED_BEFORE)
    assert contents(folder) == before
    wiring.certificates(str(folder), AT + LIFE - RENEWED_BEFORE + timedelta(seconds=1))
    after = contents(folder)
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert are_good(*after, AT + LIFE)


@pytest.mark.parametrize("broken", NAMES)
@pytest.mark.parametrize("how", ["absent", "damaged", "of another making"])
def test_certificates_that_do_not_belong_together_are_made_anew(folder, tmp_path, broken, how):
    other = make_certificates(AT)[NAMES.index(broken)]
    path = folder / "tls" / broken
    if how == "absent":
        path.unlink()
    else:
        path.write_bytes(other if how == "of another making" else b"-----BEGIN NOTHING-----\n")
    wiring.certificates(str(folder), AT)
    assert are_good(*contents(folder), AT)
    client = ssl.create_default_context(cafile=str(folder / "tls" / "authority.pem"))
    assert handshake(server_context(folder), client, "localhost") is not None


def test_certificates_of_a_clock_that_was_ahead_are_made_anew(folder):
    wiring.certificates(str(folder), AT - timedelta(days=3))
    assert are_good(*contents(folder), AT - timedelta(days=3))


def test_openssl_agrees(folder):
    tls = folder / "tls"
    told = subprocess.run(
        ["openssl", "verify", "-attime", str(int(AT.timestamp())), "-CAfile", tls / "authority.pem", tls / "certificate.pem", tls / "named.pem"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.count("OK") == 2, told.stderr
