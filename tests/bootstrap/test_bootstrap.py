"""The bootstrap server over its socket, with clients that are not ours."""

import base64
import concurrent.futures
import json
import pathlib
import signal
import sqlite3
import ssl
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bootstrap import (BUILD, CLASS_UNIT, COSE_UNIT, ROOT, TLS_UNIT, Pki, Server, cbor_request,
                       cr_message, endorse, exchange, make_csr, pem, read_response)

FIXTURES = ROOT.parent / "shared/fixtures/lite-bootstrap"
GET_CCS = (b"GET /api/v1/ccs HTTP/1.1\r\nHost: bootstrap.cai.local\r\n"
           b"Content-Type: application/cbor\r\n\r\n")


def certificate_of(body):
    assert body[:5].hex() == "a201000259"
    assert int.from_bytes(body[5:7], "big") == len(body) - 7
    return x509.load_der_x509_certificate(body[7:])


def certificates(state, device):
    with sqlite3.connect(state / "registry.db", timeout=10) as db:
        return db.execute("SELECT serial FROM certificates WHERE uuid=?", (device,)).fetchall()


# ---- What a device does ----------------------------------------------------

def test_a_lite_device_enrols_and_asks_for_the_broker_on_one_connection(server, device, key):
    message = cr_message(cbor_request(make_csr(key, device, TLS_UNIT)))
    with server.connect(server.class_credential, ssl.TLSVersion.TLSv1_2) as connection:
        connection.sendall(message)
        status, lines, body = read_response(connection)
        assert status == 200
        # LITE's header, line by line; the whole fits the device's buffer.
        assert [line.split(":")[0] for line in lines] == [
            "HTTP/1.1 200 OK", "Content-Type", "Date", "Content-Length"]
        assert len("\r\n".join(lines)) + 4 + len(body) <= 1024
        certificate = certificate_of(body)
        status, _, body = exchange(connection, GET_CCS)
    assert (status, body.hex()) == (200, "a201656d79687562021922b3")

    names = certificate.subject
    assert names.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == device
    assert names.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value == TLS_UNIT
    assert certificate.public_key().public_numbers() == key.public_key().public_numbers()
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert certificate.serial_number < 2**63


def test_the_device_certificate_opens_the_door_and_renews_itself_alone(server, state, device, key,
                                                                       tmp_path):
    _, _, body = server.post_cr(make_csr(key, device, TLS_UNIT))
    crt, priv = tmp_path / "d.crt", tmp_path / "d.key"
    crt.write_text(ssl.DER_cert_to_PEM_cert(body[7:]))
    priv.write_bytes(pem(key))
    status, _, body = server.post_cr(make_csr(key, device, TLS_UNIT), (crt, priv))
    assert status == 200 and certificate_of(body)
    other = endorse(state, f"other-of-{device}")
    status, _, body = server.post_cr(make_csr(key, other, TLS_UNIT), (crt, priv))
    assert status == 400 and body.startswith(b"err: ")


def test_the_captured_responses_are_matched_in_form(server):
    captured = FIXTURES / "http11_cr_then_ccs_responses.bin"
    if not captured.exists():
        pytest.skip("no captured bytes on this machine")
    theirs = captured.read_bytes().split(b"HTTP/1.1")[2]
    with server.connect(server.class_credential) as connection:
        _, lines, body = exchange(connection, GET_CCS)
    ours = ("\r\n".join(lines)).encode() + b"\r\n\r\n" + body
    blank = lambda text: [line for line in text.split(b"\r\n") if not line.startswith(b"Date:")]
    assert blank(ours) == blank(b"HTTP/1.1" + theirs)


def test_json_and_status_endpoints(server, device, key):
    body = json.dumps({"CSR": base64.b64encode(make_csr(key, device, TLS_UNIT)).decode()})
    status, head, answer = server.curl("/api/v1/cr", "-H", "Content-Type: application/json",
                                       "-d", body)
    assert status == 200 and "application/json" in head
    reply = json.loads(answer)
    certificate = x509.load_der_x509_certificate(base64.b64decode(reply["Cert"]))
    serial = certificate.serial_number
    # curl -d's own type is refused; none at all means JSON.
    assert server.curl("/api/v1/cr", "-d", body)[0] == 400
    assert server.curl("/api/v1/cr", "-H", "Content-Type:", "-d", body)[0] == 200

    assert server.curl(f"/api/v1/cs/{serial}")[2] == b'{"Status":1}\n'
    status, _, body = server.curl(f"/api/v1/cs/{serial}", "-H", "Content-Type: application/cbor")
    assert body == b"\xa1\x01\x01"
    assert json.loads(server.curl(f"/api/v1/ds/{device}")[2])["Serials"][0] == serial
    assert "BEGIN CERTIFICATE" in json.loads(server.curl(f"/api/v1/cc/{serial}")[2])["Cert"]
    assert server.curl("/api/v1/cs/1")[2] == b'{"error": "invalid serial number"}'
    assert server.curl("/api/v1/ds/x")[2] == b'{"error": "need a valid UUID"}'
    assert server.curl("/api/v1/nowhere")[0] == 404
    status, head, body = server.curl("/api/v1/cr")
    assert (status, body) == (405, b"") and "content-length: 0" in head.lower()
    assert json.loads(server.curl("/healthz")[2])["status"] == "ok"


# ---- Who is refused at the door --------------------------------------------

def refused(server, credential, version=None):
    try:
        with server.connect(credential, version, timeout=5) as connection:
            connection.sendall(GET_CCS)
            return connection.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def test_no_certificate(server):
    assert refused(server, None)


def test_another_ca(server, tmp_path):
    assert refused(server, Pki.stranger(tmp_path).credential(CLASS_UNIT))


def test_an_expired_credential(server, pki):
    assert not refused(server, pki.credential(CLASS_UNIT))
    assert refused(server, pki.credential(CLASS_UNIT, days=-1))


def test_a_credential_without_the_ou_or_with_two(server, pki):
    assert refused(server, pki.credential())
    assert refused(server, pki.credential(CLASS_UNIT, "another"))
    assert refused(server, pki.credential("Signing"))


def test_a_device_certificate_that_the_registry_lacks(server, pki, device):
    assert refused(server, pki.credential(TLS_UNIT, name=device))


def test_a_revoked_device(server, state, device, key, tmp_path):
    _, _, body = server.post_cr(make_csr(key, device, TLS_UNIT))
    crt, priv = tmp_path / "d.crt", tmp_path / "d.key"
    crt.write_text(ssl.DER_cert_to_PEM_cert(body[7:]))
    priv.write_bytes(pem(key))
    assert not refused(server, (crt, priv))
    serial = str(certificate_of(body).serial_number)
    subprocess.run([BUILD / "bin/cai", "registry", "revoke", serial, "--state", state], check=True,
                   capture_output=True)
    assert refused(server, (crt, priv))


def test_the_cose_certificate_is_no_client(server, device, key, tmp_path):
    _, _, body = server.post_cr(make_csr(key, device, COSE_UNIT))
    crt, priv = tmp_path / "d.crt", tmp_path / "d.key"
    crt.write_text(ssl.DER_cert_to_PEM_cert(body[7:]))
    priv.write_bytes(pem(key))
    assert refused(server, (crt, priv))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls(server):
    context = server.tls(server.class_credential)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    import socket
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(plain, server_hostname="bootstrap.cai.local")


# ---- Requests that are wrong by one thing ----------------------------------

def looks_like_a_certificate(body):
    return body[:2] == b"\xa2\x01" and body[3:4] == b"\x02"


def assert_refused(server, state, device, der):
    before = certificates(state, device)
    status, _, body = server.post_cr(der)
    assert status == 400 and not looks_like_a_certificate(body)
    assert certificates(state, device) == before
    return body


def test_a_flipped_signature(server, state, device, key):
    der = bytearray(make_csr(key, device, TLS_UNIT))
    der[-1] ^= 1
    assert_refused(server, state, device, bytes(der))


def test_the_bootstrap_ou_in_a_csr(server, state, device, key):
    assert_refused(server, state, device, make_csr(key, device, CLASS_UNIT))


def test_no_ou_and_two_ous(server, state, device, key):
    assert_refused(server, state, device, make_csr(key, device))
    assert_refused(server, state, device, make_csr(key, device, TLS_UNIT, CLASS_UNIT))


def test_an_unknown_uuid(server, state, key):
    unknown = "00000000-0000-4000-8000-000000000000"
    body = assert_refused(server, state, unknown, make_csr(key, unknown, TLS_UNIT))
    assert body == b"err: the registry does not know this device"


def test_an_unenrolled_device(server, state, device, key):
    subprocess.run([BUILD / "bin/cai", "registry", "unenrol", device, "--state", state],
                   check=True, capture_output=True)
    assert_refused(server, state, device, make_csr(key, device, TLS_UNIT))


# ---- Limits ----------------------------------------------------------------

def test_an_oversize_body(server):
    with server.connect(server.class_credential) as connection:
        status, _, _ = exchange(connection, cr_message(b"\x81" + bytes(5000)))
        assert status == 413
        assert connection.recv(1) == b""
    # The length alone is enough: nobody waits for the rest.
    with server.connect(server.class_credential) as connection:
        connection.sendall(b"POST /api/v1/cr HTTP/1.1\r\nHost: x\r\n"
                           b"Content-Length: 99999999999\r\n\r\n")
        assert read_response(connection)[0] == 413


def test_an_oversize_header_and_garbage(server):
    with server.connect(server.class_credential) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 20000)
        assert connection.recv(64).split()[1:2] in ([b"431"], [b"400"])
    with server.connect(server.class_credential) as connection:
        connection.sendall(b"\0\1\2 nonsense\r\n\r\n")
        assert connection.recv(64).split()[1:2] == [b"400"]


def test_slow_clients_do_not_hold_up_others(server):
    slow = [server.connect(server.class_credential) for _ in range(8)]
    for connection in slow:
        connection.sendall(b"POST /api/v1/cr HT")
    start = time.monotonic()
    with server.connect(server.class_credential) as quick:
        assert exchange(quick, GET_CCS)[0] == 200
    assert time.monotonic() - start < 5
    # Byte by byte does not extend the deadline of the whole request.
    ended = False
    while not ended and time.monotonic() - start < 25:
        try:
            slow[0].sendall(b"x")
            slow[0].settimeout(0.5)
            ended = slow[0].recv(1) == b""
        except TimeoutError:
            continue
        except (ssl.SSLError, ConnectionError, OSError):
            ended = True
    assert ended
    for connection in slow:
        connection.close()


def test_split_and_merged_requests(server):
    with server.connect(server.class_credential) as connection:
        for byte in GET_CCS:
            connection.sendall(bytes([byte]))
        assert read_response(connection)[0] == 200
        connection.sendall(GET_CCS + GET_CCS)
        data = b""
        while data.count(b"\xa2\x01\x65myhub") < 2:
            more = connection.recv(4096)
            assert more
            data += more


def test_concurrent_enrolment_never_fails(server, state):
    from cryptography.hazmat.primitives.asymmetric import ec

    def enrol(number):
        device = endorse(state, f"crowd-{number}-{time.monotonic_ns()}")
        results = []
        for unit in (TLS_UNIT, COSE_UNIT):
            key = ec.generate_private_key(ec.SECP256R1())
            results.append(server.post_cr(make_csr(key, device, unit)))
        return results

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        results = [r for pair in pool.map(enrol, range(64)) for r in pair]
    assert {status for status, _, _ in results} == {200}
    serials = {certificate_of(body).serial_number for _, _, body in results}
    assert len(serials) == 128


# ---- The process -----------------------------------------------------------

def run(*arguments):
    return subprocess.run([BUILD / "bin/cai-bootstrap", *map(str, arguments)], text=True,
                          capture_output=True, timeout=20)


def fails_with(done, text):
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and text in done.stderr
    assert "\nhint: " in done.stderr


def test_a_second_instance_is_refused(server, state):
    fails_with(run("--state", state), "another cai-bootstrap")


def test_a_port_in_use_is_named(server, state, tmp_path):
    other = tmp_path / "state"
    subprocess.run([BUILD / "bin/cai", "ca", "init", "--state", other], check=True,
                   capture_output=True)
    fails_with(run("--state", other, "--port", server.port), f"port {server.port}")


def test_no_ca_and_a_damaged_one(tmp_path):
    fails_with(run("--state", tmp_path / "empty"), "the CA")
    state = tmp_path / "state"
    subprocess.run([BUILD / "bin/cai", "ca", "init", "--state", state], check=True,
                   capture_output=True)
    (state / "registry.db").write_bytes(b"x" * 5000)
    fails_with(run("--state", state), "registry.db")


def test_wrong_arguments():
    done = run("--port", "x")
    assert done.returncode == 2 and done.stderr.startswith("error: ")


def test_kill_and_restart_keep_what_was_issued(tmp_path, key):
    state = tmp_path / "state"
    subprocess.run([BUILD / "bin/cai", "ca", "init", "--state", state], check=True,
                   capture_output=True)
    server = Server(state)
    device = endorse(state, "one")
    _, _, body = server.post_cr(make_csr(key, device, TLS_UNIT))
    serial = str(certificate_of(body).serial_number)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(10)
    assert certificates(state, device) == [(serial,)]
    again = Server(state)
    assert again.port == server.port
    assert again.post_cr(make_csr(key, device, COSE_UNIT))[0] == 200
    assert again.stop() == 0
