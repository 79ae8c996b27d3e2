"""A bootstrap server on a state folder of its own, and clients of every kind."""

import datetime
import os
import pathlib
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import uuid

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CAI_BUILD", ROOT / "build/host"))
TLS_UNIT = "Device Client TLS"
COSE_UNIT = "Device COSE SIGN/Encrypt"
CLASS_UNIT = "LinaroCA Bootstrap Cert"


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def subject(name, *units, organization="Linaro"):
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
             x509.NameAttribute(NameOID.COMMON_NAME, name)]
    parts += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    return x509.Name(parts)


def make_csr(key, name, *units):
    return (x509.CertificateSigningRequestBuilder().subject_name(subject(name, *units))
            .sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))


def cbor_request(der):
    return b"\x81\x59" + len(der).to_bytes(2, "big") + der


class Pki:
    """Issues what the real CA would not: with its key, or with a stranger's."""

    def __init__(self, folder, key, certificate):
        self.folder, self.key, self.certificate = folder, key, certificate

    @classmethod
    def of_state(cls, state):
        key = serialization.load_pem_private_key((state / "ca/ca.key").read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((state / "ca/ca.crt").read_bytes())
        return cls(state, key, certificate)

    @classmethod
    def stranger(cls, folder):
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.utcnow()
        name = subject("confidential-ai device CA", organization="confidential-ai")
        certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
                       .public_key(key.public_key()).serial_number(5)
                       .not_valid_before(now - datetime.timedelta(days=1))
                       .not_valid_after(now + datetime.timedelta(days=1))
                       .add_extension(x509.BasicConstraints(True, None), True)
                       .sign(key, hashes.SHA256()))
        return cls(folder, key, certificate)

    def credential(self, *units, name="bootstrap-register-1", days=1):
        """Paths of a client certificate (expired if `days` is negative) and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.utcnow()
        certificate = (x509.CertificateBuilder().subject_name(subject(name, *units))
                       .issuer_name(self.certificate.subject).public_key(key.public_key())
                       .serial_number(x509.random_serial_number())
                       .not_valid_before(now - datetime.timedelta(days=10))
                       .not_valid_after(now + datetime.timedelta(days=days))
                       .sign(self.key, hashes.SHA256()))
        stem = self.folder / f"client-{uuid.uuid4()}"
        stem.with_suffix(".crt").write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM))
        stem.with_suffix(".key").write_bytes(pem(key))
        return stem.with_suffix(".crt"), stem.with_suffix(".key")


class Server:
    def __init__(self, state, *options):
        self.state = state
        self.process = subprocess.Popen(
            [BUILD / "bin/cai-bootstrap", "--state", state, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r":(\d+)$", line.strip())
        assert found, line + self.process.stderr.read()
        self.port = int(found[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def tls(self, credential=None, version=None):
        context = ssl.create_default_context(cafile=self.state / "ca/ca.crt")
        if credential:
            context.load_cert_chain(*credential)
        if version:
            context.minimum_version = context.maximum_version = version
        return context

    def connect(self, credential, version=None, timeout=15):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return self.tls(credential, version).wrap_socket(
            plain, server_hostname="bootstrap.cai.local")

    @property
    def class_credential(self):
        return self.state / "bootstrap/bootstrap.crt", self.state / "bootstrap/bootstrap.key"

    def curl(self, path, *options, credential=None):
        """What another HTTP client sees: (status, header text, body)."""
        certificate, key = credential or self.class_credential
        done = subprocess.run(
            ["curl", "-sS", "-D", "-", "--cacert", self.state / "ca/ca.crt", "--cert", certificate,
             "--key", key, "--resolve", f"bootstrap.cai.local:{self.port}:127.0.0.1",
             f"https://bootstrap.cai.local:{self.port}{path}", *options],
            capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), body

    def post_cr(self, der, credential=None):
        with self.connect(credential or self.class_credential) as connection:
            return exchange(connection, cr_message(cbor_request(der)))


def cr_message(body, content_type="application/cbor"):
    """The very bytes that a LITE device sends."""
    return (b"POST /api/v1/cr HTTP/1.1\r\nHost: bootstrap.cai.local\r\n"
            b"Content-Type: " + content_type.encode() + b"\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)


def read_response(connection):
    """(status, header lines, body) by Content-Length; b"" where nothing came."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(4096)
        if not more:
            return 0, [], data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines
                  if line.lower().startswith("content-length:"))
    while len(body) < length:
        more = connection.recv(4096)
        assert more, "the body ends early"
        body += more
    return int(lines[0].split()[1]), lines, body


def exchange(connection, message):
    connection.sendall(message)
    return read_response(connection)


def endorse(state, name):
    """What `cai device make` leaves in the registry, with keys of no device."""
    identity = str(uuid.uuid4())
    with sqlite3.connect(state / "registry.db", timeout=10) as db:
        db.execute("INSERT INTO devices(uuid, name, board, status, created)"
                   " VALUES(?, ?, 'an521', 'active', 0)", (identity, name))
        db.execute("INSERT INTO endorsements VALUES(?, ?, ?, ?)",
                   (identity, b"\1" + os.urandom(32), bytes(32), os.urandom(64)))
    return identity
