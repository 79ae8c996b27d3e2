"""The messages of flow.cddl a second time, from the same description, on
`cryptography` and cbor2: what the real tool is to `cai flow`."""

import os
import pathlib

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORT = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU",
         "countryName": "C", "stateOrProvinceName": "ST", "localityName": "L"}
SESSION = "application/x-linaro-secureai-session"
SINGLE = "application/x-linaro-secureai-single"
ID = -65537


class Party:
    """A certificate file; its key beside it, if `private`."""

    def __init__(self, path, private=False):
        path = pathlib.Path(path)
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        self.name = ", ".join(f"{SHORT[a.oid._name]}={a.value}" for a in certificate.subject)
        self.public = certificate.public_key()
        if private:
            self.private = serialization.load_pem_private_key(
                path.with_suffix(".pk8").read_bytes(), None)


def kek(private, public, protected):
    context = cbor2.dumps([-3, [None] * 3, [None] * 3, [128, protected]])
    shared = private.exchange(ec.ECDH(), public)
    return HKDF(hashes.SHA256(), 16, None, context).derive(shared)


def encrypt_for(service, plain):
    header = cbor2.dumps({1: -29})
    cek, iv = os.urandom(16), os.urandom(12)
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    point = ephemeral.public_key().public_numbers()
    cose_key = {1: 2, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    wrapped = keywrap.aes_key_wrap(kek(ephemeral, service.public, header), cek)
    sealed = AESGCM(cek).encrypt(iv, plain, cbor2.dumps(["Encrypt", header, b""]))
    return cbor2.dumps([header, {5: iv}, sealed,
                        [[header, {4: service.name.encode(), -1: cose_key}, wrapped]]])


def decrypt_for(service, message):
    header, open_, sealed, [[inner, parameters, wrapped]] = cbor2.loads(message)
    assert cbor2.loads(header) == cbor2.loads(inner) == {1: -29}
    assert parameters[4] == service.name.encode()
    point = parameters[-1]
    assert (point[1], point[-1]) == (2, 1)
    public = ec.EllipticCurvePublicNumbers(int.from_bytes(point[-2], "big"),
                                           int.from_bytes(point[-3], "big"),
                                           ec.SECP256R1()).public_key()
    cek = keywrap.aes_key_unwrap(kek(service.private, public, inner), wrapped)
    return AESGCM(cek).decrypt(open_[5], sealed, cbor2.dumps(["Encrypt", header, b""]))


def sign(device, kind, session_id, payload):
    header = cbor2.dumps({1: -7, 3: kind, ID: session_id})
    der = device.private.sign(cbor2.dumps(["Signature1", header, b"", payload]),
                              ec.ECDSA(hashes.SHA256()))
    r, s = utils.decode_dss_signature(der)
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return b"\xd2" + cbor2.dumps([header, {4: device.name.encode()}, payload, signature])


def verify(device, message):
    assert message[0] == 0xd2
    header, open_, payload, signature = cbor2.loads(message[1:])
    assert open_ == {4: device.name.encode()}
    der = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"),
                                     int.from_bytes(signature[32:], "big"))
    device.public.verify(der, cbor2.dumps(["Signature1", header, b"", payload]),
                         ec.ECDSA(hashes.SHA256()))
    return cbor2.loads(header), payload


def new_session(device, service):
    """(state file, session message)"""
    secret, session_id = os.urandom(16), os.urandom(16)
    state = cbor2.dumps({"secret": list(secret), "session_id": list(session_id)})
    return state, sign(device, SESSION, session_id, encrypt_for(service, secret))


def encrypt(state, plain):
    fields = cbor2.loads(state)
    header = cbor2.dumps({1: 1, ID: bytes(fields["session_id"])})
    iv = os.urandom(12)
    sealed = AESGCM(bytes(fields["secret"])).encrypt(
        iv, plain, cbor2.dumps(["Encrypt0", header, b""]))
    return b"\xd0" + cbor2.dumps([header, {5: iv}, sealed])


def decrypt(device, service, session, message):
    names, payload = verify(device, session)
    assert names == {1: -7, 3: SESSION, ID: names[ID]} and len(names[ID]) == 16
    secret = decrypt_for(service, payload)
    assert message[0] == 0xd0
    header, open_, sealed = cbor2.loads(message[1:])
    assert cbor2.loads(header) == {1: 1, ID: names[ID]}
    return AESGCM(secret).decrypt(open_[5], sealed, cbor2.dumps(["Encrypt0", header, b""]))


def simple_encrypt(device, service, plain):
    return sign(device, SINGLE, b"single", encrypt_for(service, plain))


def simple_decrypt(device, service, message):
    names, payload = verify(device, message)
    assert names == {1: -7, 3: SINGLE, ID: b"single"}
    return decrypt_for(service, payload)
