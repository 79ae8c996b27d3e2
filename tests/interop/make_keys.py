"""Key pairs as COSE_Key, {name: [private, public]}, from the cryptography that
pycose stands on. Runs within the venv of conftest.py."""

import json

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (Encoding, NoEncryption, PrivateFormat,
                                                          PublicFormat)

CURVES = {"P_256": (1, ec.SECP256R1, 32), "P_384": (2, ec.SECP384R1, 48),
          "P_521": (3, ec.SECP521R1, 66)}


def pair(public, private):
    return [cbor2.dumps({**public, **private}).hex(), cbor2.dumps(public).hex()]


def ec2(number, curve, size):
    numbers = ec.generate_private_key(curve()).private_numbers()
    point = numbers.public_numbers
    return pair({1: 2, -1: number, -2: point.x.to_bytes(size, "big"),
                 -3: point.y.to_bytes(size, "big")},
                {-4: numbers.private_value.to_bytes(size, "big")})


def okp(number, kind):
    key = kind.generate()
    return pair({1: 1, -1: number,
                 -2: key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)},
                {-4: key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())})


def rsa_pair():
    numbers = rsa.generate_private_key(65537, 2048).private_numbers()
    public = numbers.public_numbers
    values = [public.n, public.e, numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1,
              numbers.iqmp]
    whole = {-i - 1: v.to_bytes((v.bit_length() + 7) // 8, "big") for i, v in enumerate(values)}
    return pair({1: 3, -1: whole[-1], -2: whole[-2]}, whole)


made = {name: ec2(*curve) for name, curve in CURVES.items()}
made.update({name + " sender": ec2(*curve) for name, curve in CURVES.items()})
made["ED25519"] = okp(6, ed25519.Ed25519PrivateKey)
made["ED448"] = okp(7, ed448.Ed448PrivateKey)
made["rsa"] = rsa_pair()
print(json.dumps(made))
