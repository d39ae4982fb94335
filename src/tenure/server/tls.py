"""A certificate authority of one store, for this machine alone: constrained to loopback, its key never written anywhere.

Nothing is put into the system's trust; clients are told the authority's file. Source: RFC 5280, 4.2.1.9 and 4.2.1.10; design 0003.
"""

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=730)
RENEWED_BEFORE = timedelta(days=30)
"""A certificate that ends sooner is made anew, with its authority."""
_EARLIER = timedelta(hours=1)
_NAME = x509.DNSName("localhost")
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def make_certificates(at: datetime) -> tuple[bytes, bytes, bytes, bytes]:
    """Make an authority and the two certificates that it issues, over one key.

    BoringSSL, which gRPC stands on, verifies no chain in which a constraint and a name are addresses: the second certificate names `localhost` alone.

    Args:
        at: the present.

    Returns:
        The authority's certificate, the server's for its name and addresses, the server's for its name alone, and the server's key, each in PEM. The
        authority's key is gone.
    """
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenure, this machine only")])
    permitted: list[x509.GeneralName] = [_NAME, *(x509.IPAddress(network) for network in _LOOPBACK)]
    authority = (
        _built(issuer, issuer, at, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("127.0.0.1", "::1")]
    issued = [_issued(issuer, authority_key, server_key.public_key(), names, at) for names in ([_NAME, *addresses], [_NAME])]
    pem = serialization.Encoding.PEM
    key = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return authority.public_bytes(pem), issued[0].public_bytes(pem), issued[1].public_bytes(pem), key


def _issued(
    issuer: x509.Name, authority_key: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePublicKey, names: Sequence[x509.GeneralName], at: datetime
) -> x509.Certificate:
    return (
        _built(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), issuer, at, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def are_good(authority: bytes, certificate: bytes, named: bytes, key: bytes, at: datetime) -> bool:
    """Whether certificates belong together and last for a while: a crash may have left those of two makings, a disk something else.

    Args:
        authority: and the following: in PEM, as `make_certificates` returns them.
        certificate: see there.
        named: see there.
        key: see there.
        at: the present.
    """
    try:
        issuer, *issued = (x509.load_pem_x509_certificate(each) for each in (authority, certificate, named))
        public = serialization.load_pem_private_key(key, None).public_key()
        for each in issued:
            each.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    lasts = all(each.not_valid_before_utc <= at and at + RENEWED_BEFORE <= each.not_valid_after_utc for each in (issuer, *issued))
    return lasts and all(each.public_key() == public for each in issued)


def _built(subject: x509.Name, issuer: x509.Name, at: datetime, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    return builder.serial_number(x509.random_serial_number()).not_valid_before(at - _EARLIER).not_valid_after(at + LIFE)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
