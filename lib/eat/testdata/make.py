#!/usr/bin/python3
"""Makes the vectors beside it with other implementations (cbor2, cryptography).

Keys and values are those of eat_test.cc. Signatures are random, so a file that
exists is not written again.
"""
import hashlib
import pathlib

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

HERE = pathlib.Path(__file__).parent
UEID = b"\x01" + bytes(range(32))
NONCE = bytes([0x22]) * 32
BOOT_SEED = bytes([0x33]) * 32
IMPLEMENTATION = bytes([0x44]) * 32
IAK = 0x1111111111111111111111111111111111111111111111111111111111111111
COSE_SIGN = 0x2222222222222222222222222222222222222222222222222222222222222222


def digest(text):
    return hashlib.sha256(text.encode()).digest()


def private(scalar):
    return ec.derive_private_key(scalar, ec.SECP256R1())


def cose_key(scalar):
    numbers = private(scalar).public_key().public_numbers()
    return {1: 2, -1: 1, -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big")}


def sign1(protected, claims):
    header, payload = cbor2.dumps(protected), cbor2.dumps(claims)
    to_be_signed = cbor2.dumps(["Signature1", header, b"", payload])
    r, s = utils.decode_dss_signature(
        private(IAK).sign(to_be_signed, ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return cbor2.dumps(cbor2.CBORTag(18, [header, {}, payload, signature]))


def platform(client_id):
    return sign1({1: -7}, {
        10: NONCE, 256: UEID, 265: "tag:psacertified.org,2023:psa#tfm",
        268: BOOT_SEED, 2394: client_id, 2395: 0x3000, 2396: IMPLEMENTATION,
        2399: [{1: "SPE", 2: digest("spe"), 4: "1.2.3+4", 5: digest("signer")},
               {1: "NSPE", 2: digest("nspe"), 4: "0.9.0", 5: digest("signer")}],
    })


def measured(name, version, what):
    component = {1: [name, [version]], 2: [-16, digest(what)]}
    return [65002, cbor2.dumps(component)]


def ai():
    return sign1({1: -7, 3: 65003}, {
        3: b"svc-0001", 8: {1: cose_key(COSE_SIGN)}, 10: NONCE, 256: UEID,
        261: 90, 265: "tag:confidential-ai,2026:ai",
        266: {"platform": platform(3)}, 267: 7, 268: BOOT_SEED,
        273: [measured("cai-nn", "1.0.0", "engine"),
              measured("sine", "3", "sine"), measured("anomaly", "12", "anomaly")],
    })


def key():
    return sign1({1: -7, 3: 65006}, {
        8: {1: cose_key(COSE_SIGN)}, 10: NONCE, 256: UEID,
        265: "tag:confidential-ai,2026:key", 266: {"platform": platform(3)},
        -70001: digest("request info"), -70002: "cose-sign",
    })


def main():
    for kind, token in (("platform", platform(-5)), ("ai", ai()), ("key", key())):
        path = HERE / "tokens" / f"{kind}.cbor"
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_bytes(token)


main()
