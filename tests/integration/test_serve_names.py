"""Which certificate a client of the service is shown: BoringSSL verifies no address under an authority that is constrained to addresses."""

import socket
import ssl

import pytest
from cryptography import x509
from tests.integration.services import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    found = Service(tmp_path_factory.mktemp("home"))
    yield found.wait()
    found.process.terminate()
    found.process.communicate(timeout=60)


def shown(service, name: str) -> x509.SubjectAlternativeName:
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as plain, service.trust.wrap_socket(plain, server_hostname=name) as secure:
        found = x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")
        assert secure.version() in ("TLSv1.2", "TLSv1.3")
    return found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_who_asks_by_name_is_shown_a_certificate_without_addresses(service):
    assert list(shown(service, "localhost")) == [x509.DNSName("localhost")]


def test_who_asks_by_address_is_shown_one_with_it(service):
    assert len(shown(service, "127.0.0.1").get_values_for_type(x509.IPAddress)) == 2


def test_another_name_is_not_vouched_for(service):
    with pytest.raises(ssl.SSLCertVerificationError):
        shown(service, "example.com")


def test_telemetry_is_told_the_name(service):
    assert service.told["otlp_http"] == f"https://localhost:{service.port}"
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT=https://localhost:{service.port}" in service.log
