#!/usr/bin/env python3
"""Packs COSE examples (the JSON of cose-wg/Examples) for a device that reads no JSON.

  pack.py FOLDER OUT.bin

Integers are little endian; a field is a u16 length (0xffff: absent) and its bytes.

  file      = u16 count, count * example
  example   = folder, title, u8 type (CBOR tag), u8 flags (1 must fail, 2 untagged,
              4 algorithm unprotected), i32 algorithm, external_aad, plaintext, message,
              full IV (unsent), u8 count, signers, u8 count, recipients
  signer    = key, i32 algorithm, external_aad
  recipient = u8 count, i32 algorithms (outermost first), key, u8 has sender, [key],
              party u, party v, public other, private other
  party     = identity, nonce, other
  key       = u8 COSE key type, u8 KeyKind of lib/crypto/algorithm.h, kid, k, x, y, d
"""

import base64
import json
import pathlib
import struct
import sys

TYPES = {"sign0": 18, "sign": 98, "encrypted": 16, "enveloped": 96, "mac0": 17, "mac": 97}
CURVES = ["P-256", "P-384", "P-521", "X25519", "X448", "Ed25519", "Ed448"]
RSA = 7
ALGORITHMS = {
    "ES256": -7, "ES384": -35, "ES512": -36, "EdDSA": -8, "HSS-LMS": -46,
    "RSA-PSS-256": -37, "RSA-PSS-384": -38, "RSA-PSS-512": -39,
    "A128GCM": 1, "A192GCM": 2, "A256GCM": 3, "ChaCha-Poly1305": 24,
    "AES-CCM-16-128/64": 10, "AES-CCM-16-256/64": 11, "AES-CCM-64-128/64": 12,
    "AES-CCM-64-256/64": 13, "AES-CCM-16-128/128": 30, "AES-CCM-16-256/128": 31,
    "AES-CCM-64-128/128": 32, "AES-CCM-64-256/128": 33,
    "HS256/64": 4, "HS256": 5, "HS384": 6, "HS512": 7,
    "AES-MAC-128/64": 14, "AES-MAC-256/64": 15, "AES-MAC-128/128": 25, "AES-MAC-256/128": 26,
    "direct": -6, "HKDF-HMAC-SHA-256": -10, "HKDF-HMAC-SHA-512": -11,
    "HKDF-AES-128": -12, "HKDF-AES-256": -13, "A128KW": -3, "A192KW": -4, "A256KW": -5,
    "ECDH-ES": -25, "ECDH-ES-512": -26, "ECDH-SS": -27, "ECDH-SS-256": -27, "ECDH-SS-512": -28,
    "ECDH-ES-A128KW": -29, "ECDH-ES+A128KW": -29, "ECDH-ES-A192KW": -30, "ECDH-ES-A256KW": -31,
    "ECDH-SS-A128KW": -32, "ECDH-SS+A128KW": -32, "ECDH-SS-A192KW": -33, "ECDH-SS-A256KW": -34,
    "RSA-OAEP": -40, "RSA-OAEP-256": -41, "RSA-OAEP-512": -42,
}


def field(value):
    if value is None:
        return b"\xff\xff"
    return struct.pack("<H", len(value)) + value


def read(source, name):
    """`name`_hex, or `name` as text (external: as hexadecimal), or None."""
    if name + "_hex" in source:
        return bytes.fromhex(source[name + "_hex"])
    if name not in source:
        return None
    return bytes.fromhex(source[name]) if name == "external" else source[name].encode()


def number(key, name):
    if name + "_hex" in key:
        return bytes.fromhex(key[name + "_hex"])
    text = key.get(name)
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if isinstance(text, str) else b""


def pack_key(key, kid):
    kty = key["kty"]
    if kty in ("EC", "EC2", "OKP"):
        head = bytes([1 if kty == "OKP" else 2, CURVES.index(key["crv"])])
        numbers = [b""] + [number(key, name) for name in "xyd"]
    else:
        head = bytes([3, RSA]) if kty == "RSA" else bytes([4, 0])
        numbers = [number(key, "k") if kty == "oct" else b"", b"", b"", b""]
    return head + field(kid) + b"".join(map(field, numbers))


def kid_as_named(holder):
    """Under the id that the message gives the key; none beside certificates, whose
    examples write theirs as text, against RFC 9052, 3.1."""
    sent = holder.get("unprotected", {})
    return None if "x5bag" in sent else read(sent, "kid")


def algorithm(*places):
    for place in places:
        if place and "alg" in place:
            return ALGORITHMS[place["alg"]]
    return 0


def integer(value):
    return struct.pack("<i", value)


def pack_signer(signer):
    return (pack_key(signer["key"], kid_as_named(signer)) +
            integer(algorithm(signer.get("protected"), signer.get("unprotected"))) +
            field(read(signer, "external") or b""))


def pack_party(recipient, prefix):
    fields = [None, None, None]
    for place in ("unprotected", "unsent"):
        for i, name in enumerate(("id", "nonce", "other")):
            value = read(recipient.get(place, {}), f"{prefix}_{name}")
            fields[i] = fields[i] if value is None else value
    return b"".join(map(field, fields))


def pack_recipient(recipient):
    levels = [recipient]
    while "recipients" in levels[-1]:
        levels.append(levels[-1]["recipients"][0])
    algorithms = [algorithm(one.get("protected"), one.get("unprotected")) for one in levels]
    inner = levels[-1]
    sender = recipient.get("sender_key")
    unsent = recipient.get("unsent", {})
    return (bytes([len(algorithms)]) + b"".join(map(integer, algorithms)) +
            pack_key(inner["key"], kid_as_named(inner)) +
            (b"\1" + pack_key(sender, read(sender, "kid")) if sender else b"\0") +
            pack_party(recipient, "apu") + pack_party(recipient, "apv") +
            field(read(unsent, "pub_other")) + field(read(unsent, "priv_other")))


def untagged(*places):
    return any("RemoveCBORTag" in place.get("failures", {}) for place in places)


def pack_example(folder, example):
    source = example["input"]
    kind = next(name for name in TYPES if name in source)
    body = source[kind]
    protected, unprotected = body.get("protected"), body.get("unprotected")
    flags = (bool(example.get("fail")) | untagged(source, body) << 1 |
             (not algorithm(protected) and bool(algorithm(unprotected))) << 2)
    main = algorithm(protected, unprotected, body)
    signers = [pack_signer(one) for one in body.get("signers", [])]
    if kind == "sign0":
        signers = [pack_key(body["key"], read(body["key"], "kid")) + integer(main) +
                   field(read(body, "external") or b"")]
    recipients = [pack_recipient(one) for one in body.get("recipients", [])]
    return (field(folder.encode()) + field(example["title"].encode()) +
            bytes([TYPES[kind], flags]) + integer(main) +
            field(read(body, "external") or b"") + field(read(source, "plaintext")) +
            field(bytes.fromhex(example["output"]["cbor"])) +
            field(read(body.get("unsent", {}), "IV")) +
            bytes([len(signers)]) + b"".join(signers) +
            bytes([len(recipients)]) + b"".join(recipients))


def main():
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    files = sorted(folder.glob("*/*.json"))
    packed = [pack_example(file.parent.name, json.loads(file.read_text())) for file in files]
    out.write_bytes(struct.pack("<H", len(packed)) + b"".join(packed))


if __name__ == "__main__":
    main()
