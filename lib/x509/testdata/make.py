#!/usr/bin/python3
"""Makes the vectors beside it with another implementation (python3-cryptography).

Run it in this folder when a vector is added; what it writes is checked in.
Signatures are random, so the files of an earlier run are not overwritten.
"""
import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

HERE = pathlib.Path(__file__).parent
# A test key: no device has it.
SCALAR = 0x5b1c4e7a3f0d9b8264c1e5a7f39d0b2846ce1a7f5d3b9082c6e4a1f7d5b39c01
UUID = "0123cafe-89ab-4def-8123-456789abcdef"


def name(*pairs):
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs])


def device(unit):
    return name((NameOID.ORGANIZATION_NAME, "confidential-ai"),
                (NameOID.COMMON_NAME, UUID),
                (NameOID.ORGANIZATIONAL_UNIT_NAME, unit))


def put(file, data):
    path = HERE / ("csr" if file.startswith("csr") else "certificate") / file
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_bytes(data)


def csr(file, subject, key, digest=hashes.SHA256(), extend=None):
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if extend:
        builder = builder.add_extension(extend, critical=False)
    put(file, builder.sign(key, digest).public_bytes(serialization.Encoding.DER))


def certificate(file, subject, issuer, public, signer, serial, extensions=(),
                start=datetime.datetime(2026, 11, 23, 7, 41, 25),
                end=datetime.datetime(2052, 1, 2, 3, 4, 5)):
    builder = (x509.CertificateBuilder().subject_name(subject)
               .issuer_name(issuer).public_key(public).serial_number(serial)
               .not_valid_before(start).not_valid_after(end))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    put(file, builder.sign(signer, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER))


def main():
    key = ec.derive_private_key(SCALAR, ec.SECP256R1())
    point = key.public_key().public_bytes(
        serialization.Encoding.X962,
        serialization.PublicFormat.UncompressedPoint)
    (HERE / "key.xy.bin").write_bytes(point[1:])
    (HERE / "key.scalar.bin").write_bytes(SCALAR.to_bytes(32, "big"))
    (HERE / "key.spki.der").write_bytes(key.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo))

    csr("csr-tls.der", device("Device Client TLS"), key)
    csr("csr-cose.der", device("Device COSE SIGN/Encrypt"), key)
    csr("csr-extension.der", device("Device Client TLS"), key,
        extend=x509.SubjectAlternativeName([x509.DNSName("a.example")]))
    csr("csr-long.der", name((NameOID.ORGANIZATION_NAME, "o" * 64),
                             (NameOID.COMMON_NAME, "c" * 64),
                             (NameOID.ORGANIZATIONAL_UNIT_NAME, "u" * 64)), key)
    csr("csr-two-units.der",
        name((NameOID.COMMON_NAME, UUID),
             (NameOID.ORGANIZATIONAL_UNIT_NAME, "Device Client TLS"),
             (NameOID.ORGANIZATIONAL_UNIT_NAME, "LinaroCA Bootstrap Cert")), key)
    csr("csr-other-order.der",
        name((NameOID.ORGANIZATIONAL_UNIT_NAME, "Signing"),
             (NameOID.COUNTRY_NAME, "DE"),
             (NameOID.COMMON_NAME, UUID)), key)
    csr("csr-p384.der", device("Device Client TLS"),
        ec.generate_private_key(ec.SECP384R1()))
    csr("csr-rsa.der", device("Device Client TLS"),
        rsa.generate_private_key(65537, 2048))
    csr("csr-sha384.der", device("Device Client TLS"), key, hashes.SHA384())

    authority = ec.derive_private_key(SCALAR + 1, ec.SECP256R1())
    authority_point = authority.public_key().public_bytes(
        serialization.Encoding.X962,
        serialization.PublicFormat.UncompressedPoint)
    (HERE / "ca.xy.bin").write_bytes(authority_point[1:])
    issuer = name((NameOID.ORGANIZATION_NAME, "confidential-ai"),
                  (NameOID.COMMON_NAME, "test CA"))
    certificate("certificate-device.der", device("Device COSE SIGN/Encrypt"),
                issuer, key.public_key(), authority, 0x8123456789abcdef,
                [(x509.BasicConstraints(False, None), True),
                 (x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
                  False)])
    certificate("certificate-ca.der", issuer, issuer, authority.public_key(),
                authority, 1, [(x509.BasicConstraints(True, 0), True)])
    certificate("certificate-rsa.der", device("Device Client TLS"), issuer,
                rsa.generate_private_key(65537, 2048).public_key(), authority, 7)


main()
